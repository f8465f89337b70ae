// Package trino runs SQL on a Trino cluster whose catalog is a lake of Parquet files: an
// object store, or a folder that every node sees.
//
// [Open] looks whether the server is there, lets this user in and has the catalog.
// [Engine.Begin] makes a schema for a run; [Engine.External] shows a folder of the lake as
// a table, [Engine.Create] makes a table of a query, [Engine.Files] says which Parquet
// files the table lies in, and [Engine.End] drops the schema. Rows never come over the
// protocol: whoever wants them reads the files.
//
// # Failures
//
// What goes wrong is a [*Failure]: it names the step, the id of the query, what the server
// said and the way out. A statement that failed for a reason that may pass, such as a node
// that was lost, is tried again; one that the user has to mend is not. A context that is
// cancelled ends the query on the server too.
//
// # Secrets
//
// ENTREPOT_ENGINE_PASSWORD or ENTREPOT_ENGINE_TOKEN (a JWT), or the same names with _FILE for
// a file that holds it. Neither goes over a line without TLS. ENTREPOT_ENGINE_CA is a
// file of certificates to trust besides the system's.
package trino

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"

	client "github.com/trinodb/trino-go-client/trino"
)

// Config says which server, and how it may be asked.
type Config struct {
	URL      string            // https://user@host:443/catalog or http://user@host:8080/catalog
	Lake     string            // s3://bucket/prefix, file:///folder or a path
	Timeout  time.Duration     // of one query, on the server; 0: what the server allows
	Retries  int               // how often a statement is tried again
	Session  map[string]string // properties of the server's sessions, such as retry_policy; may be nil
	Progress func(Progress)    // is told about the running query every second or so; may be nil
}

// Engine is a catalog of a server. It may be used by several goroutines after Begin.
type Engine struct {
	config   Config
	server   server
	lake     lake
	http     *http.Client
	version  string
	run      string
	schema   string
	db       *sql.DB
	pause    time.Duration // before the first retry; doubles
	patience time.Duration // until a query that was cancelled must have ended
	grace    time.Duration // after which a server that doesn't keep to the timeout is told to
}

// Open connects, and asks the server for its version and for the catalog.
func Open(ctx context.Context, c Config) (*Engine, error) {
	server, err := serverOf(c.URL)
	if err != nil {
		return nil, err
	}
	lake, err := lakeOf(c.Lake)
	if err != nil {
		return nil, err
	}
	transport, err := transport()
	if err != nil {
		return nil, err
	}
	e := &Engine{config: c, server: server, lake: lake, http: &http.Client{Transport: watcher{transport}}, pause: 2 * time.Second,
		patience: 20 * time.Second, grace: time.Minute}
	if e.version, err = e.greet(ctx); err != nil {
		return nil, err
	}
	if err := e.connect(""); err != nil {
		return nil, err
	}
	if err := e.checkCatalog(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// Name is "trino".
func (e *Engine) Name() string { return "trino" }

// Version is what the server says of itself, such as "476".
func (e *Engine) Version() string { return e.version }

// Close gives up the connections. It drops nothing on the server.
func (e *Engine) Close() {
	if e.db != nil {
		_ = e.db.Close() // holds no socket
	}
	e.http.CloseIdleConnections()
}

// connect makes the pool of connections, whose statements name tables of the schema.
func (e *Engine) connect(schema string) error {
	patience := 2 * time.Minute // of one request, while a line is down
	limit := 7 * 24 * time.Hour // the client would give up after ten hours
	session := map[string]string{}
	maps.Copy(session, e.config.Session)
	if e.config.Timeout > 0 {
		limit = e.config.Timeout + e.grace
		session["query_max_run_time"] = fmt.Sprintf("%ds", max(1, int(e.config.Timeout.Seconds())))
	}
	address := url.URL{Scheme: e.server.scheme, Host: e.server.host, User: e.server.user}
	connector, err := client.NewConnector(&client.Config{ServerURI: address.String(), Catalog: e.server.catalog, Schema: schema,
		Source: "entrepot", AccessToken: e.server.token, SessionProperties: session, HTTPClient: e.http,
		QueryTimeout: &limit, RequestRetryTimeout: &patience})
	if err != nil {
		return fmt.Errorf("connect to trino at %s: %w", e.server.host, err)
	}
	if e.db != nil {
		_ = e.db.Close()
	}
	e.db, e.schema = sql.OpenDB(connector), schema
	return nil
}
