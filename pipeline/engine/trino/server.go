package trino

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"entrepot/schemas/sqltext"

	client "github.com/trinodb/trino-go-client/trino"
)

// server is where the engine is, and who asks.
type server struct {
	scheme, host, catalog string
	user                  *url.Userinfo // with the password, if there is one
	token                 string        // a JWT
}

// serverOf reads the URL of a server and the secrets from the environment.
func serverOf(text string) (server, error) {
	const form = "it has the form https://user@host:443/catalog"
	u, err := url.Parse(text)
	if err != nil {
		return server{}, fmt.Errorf("the engine's URL is none; %s", form) // the text may hold a password
	}
	if _, has := u.User.Password(); has {
		return server{}, errors.New("the engine's URL holds a password: give it in the environment, as ENTREPOT_ENGINE_PASSWORD or, in a file, ENTREPOT_ENGINE_PASSWORD_FILE")
	}
	catalog := strings.Trim(u.Path, "/")
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || catalog == "" || strings.Contains(catalog, "/") || u.RawQuery != "" {
		return server{}, fmt.Errorf("the engine's URL %s names no server and catalog; %s", text, form)
	}
	password, err := secret("ENTREPOT_ENGINE_PASSWORD")
	if err != nil {
		return server{}, err
	}
	token, err := secret("ENTREPOT_ENGINE_TOKEN")
	if err != nil {
		return server{}, err
	}
	s := server{scheme: u.Scheme, host: u.Host, catalog: catalog, token: token, user: url.User(u.User.Username())}
	if password != "" {
		s.user = url.UserPassword(u.User.Username(), password)
	}
	return s, s.check(password)
}

// check refuses what would give a secret away, or can't work.
func (s server) check(password string) error {
	switch {
	case s.scheme == "http" && password != "":
		return fmt.Errorf("the engine at %s is asked without TLS, and the password would be readable on the way: use an https URL, or unset ENTREPOT_ENGINE_PASSWORD", s.host)
	case s.scheme == "http" && s.token != "":
		return fmt.Errorf("the engine at %s is asked without TLS, and the token would be readable on the way: use an https URL, or unset ENTREPOT_ENGINE_TOKEN", s.host)
	case password != "" && s.token != "":
		return errors.New("both ENTREPOT_ENGINE_PASSWORD and ENTREPOT_ENGINE_TOKEN are set: keep the one that the server asks for")
	case s.user.Username() == "" && s.token == "":
		return errors.New("the engine's URL names no user; it has the form https://user@host:443/catalog")
	}
	return nil
}

// secret is the value of a variable of the environment, or the content of the file that
// the variable with _FILE names; "" when neither is set.
func secret(name string) (string, error) {
	value, file := os.Getenv(name), os.Getenv(name+"_FILE")
	if value != "" && file != "" {
		return "", fmt.Errorf("both %s and %s_FILE are set: keep one", name, name)
	}
	if file == "" {
		return value, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read %s_FILE: %w", name, err)
	}
	if value = strings.TrimRight(string(content), "\r\n"); value == "" {
		return "", fmt.Errorf("%s, which %s_FILE names, is empty", file, name)
	}
	return value, nil
}

// transport trusts the certificates of ENTREPOT_ENGINE_CA too, and waits for no answer for
// ever. Trino holds an answer back for a second or so.
func transport() (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 2 * time.Minute
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	file := os.Getenv("ENTREPOT_ENGINE_CA")
	if file == "" {
		return t, nil
	}
	certificates, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read ENTREPOT_ENGINE_CA: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(certificates) {
		return nil, fmt.Errorf("%s, which ENTREPOT_ENGINE_CA names, holds no certificate in PEM", file)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// greet asks the server who it is, which needs no password. The client for statements
// would go on asking for minutes where there is no server.
func (e *Engine) greet(ctx context.Context) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	step := "connect to " + e.server.host
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.server.scheme+"://"+e.server.host+"/v1/info", nil)
	if err != nil {
		return "", fmt.Errorf("trino: %s: %w", step, err)
	}
	response, err := e.http.Do(request)
	if err != nil {
		return "", failureOf(step, "", err)
	}
	defer response.Body.Close()
	var info struct {
		NodeVersion struct{ Version string }
		Starting    bool
	}
	err = json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&info)
	switch {
	case response.StatusCode != http.StatusOK:
		return "", failureOf(step, "", &client.ErrQueryFailed{StatusCode: response.StatusCode, Reason: errors.New("asked for /v1/info")})
	case err != nil || info.NodeVersion.Version == "":
		return "", &Failure{Step: step, Name: notTrino, Message: "what answers there is not Trino", Advice: advice[notTrino], Err: err}
	case info.Starting:
		return "", &Failure{Step: step, Name: "SERVER_STARTING_UP", Message: "the server is still starting up", Advice: advice["SERVER_STARTING_UP"]}
	}
	return info.NodeVersion.Version, nil
}

// checkCatalog makes sure that the catalog is there and can hold a lake.
func (e *Engine) checkCatalog(ctx context.Context) error {
	step := "look for the catalog " + e.server.catalog
	var rows []string
	err := e.retried(ctx, func(int) (err error) {
		rows, err = e.strings(ctx, step, "SELECT catalog_name || ' ' || connector_name FROM system.metadata.catalogs ORDER BY 1")
		return err
	})
	if err != nil {
		return err
	}
	var names []string
	for _, row := range rows {
		name, kind, _ := strings.Cut(row, " ")
		if name == e.server.catalog && kind != "hive" {
			return &Failure{Step: step, Name: wrongConnector, Advice: advice[wrongConnector],
				Message: fmt.Sprintf("the catalog %s is of the connector %s, and a lake needs hive", name, kind)}
		}
		if name == e.server.catalog {
			return nil
		}
		names = append(names, name)
	}
	return &Failure{Step: step, Name: "CATALOG_NOT_FOUND", Advice: advice["CATALOG_NOT_FOUND"],
		Message: fmt.Sprintf("the server shows no catalog %s to this user; there are %s", sqltext.Name(e.server.catalog), strings.Join(names, ", "))}
}
