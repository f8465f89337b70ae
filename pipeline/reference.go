package pipeline

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"entrepot/schemas"
	"entrepot/sources"

	"github.com/duckdb/duckdb-go/v2"
	"golang.org/x/sync/errgroup"
)

// referenceNames are the reference tables, by the names of schemas.Reference.Hash.
var referenceNames = []string{"areas", "groups", "successions", "hs_codes", "hs_changes", "hs_overrides", "sectors", "top_ten_firms", "markets"}

// loadReference fills the workspace's reference tables, if they are not filled
// with what is in use now.
func (r *runner) loadReference(ctx context.Context) error {
	const step = "reference"
	now := r.referenceFingerprint()
	was, err := r.work.step(ctx, step)
	if err != nil || was.fingerprint == now.sum() {
		return err
	}
	started := time.Now()
	tables, err := r.referenceTables()
	if err != nil {
		return err
	}
	return r.work.inTransaction(ctx, func(conn *sql.Conn) error {
		rows := int64(0)
		for name, content := range tables {
			if _, err := conn.ExecContext(ctx, "DELETE FROM "+name); err != nil {
				return fmt.Errorf("empty reference table %s: %w", name, err)
			}
			if err := appendRows(conn, name, content); err != nil {
				return fmt.Errorf("fill reference table %s: %w", name, err)
			}
			rows += int64(len(content))
		}
		return finish(ctx, conn, step, now, rows, rows, time.Since(started))
	})
}

func (r *runner) referenceFingerprint() fingerprint {
	f := fingerprint{{"workspace layout", hash(schemas.Workspace)}, {parameterPart + "conversion", r.config.Conversion}}
	f = append(f, part{"names of areas", schemas.AreaKeysHash()})
	return append(f, r.referenceParts(referenceNames...)...)
}

func (r *runner) referenceParts(tables ...string) fingerprint {
	var f fingerprint
	for _, t := range tables {
		f = append(f, part{"reference table " + t, r.reference.Hash(t)})
	}
	return f
}

func (r *runner) referenceTables() (map[string][][]driver.Value, error) {
	tables := map[string][][]driver.Value{"areas": nil, "successions": nil, "country_groups": nil, "hs_codes": nil, "sector_codes": nil, "hs_links": nil, "top_ten_firms": nil, "markets": nil, "area_keys": nil}
	names, err := schemas.AreaKeys()
	if err != nil {
		return nil, err
	}
	for _, k := range sources.AreaKeys(r.reference.Areas, names) {
		tables["area_keys"] = append(tables["area_keys"], []driver.Value{k.Scheme, k.Key, k.Code})
	}
	for _, a := range r.reference.Areas {
		tables["areas"] = append(tables["areas"], []driver.Value{a.Code, a.ISO3, a.Name, a.Kind, a.From, a.To, a.Reporter})
	}
	for _, s := range r.reference.Successions {
		tables["successions"] = append(tables["successions"], []driver.Value{s.Code, s.Since, s.Successor, s.Whole})
	}
	for _, m := range r.reference.Groups {
		row := []driver.Value{m.Group, m.Area, m.Joined, nil}
		if !m.Left.IsZero() {
			row[3] = m.Left
		}
		tables["country_groups"] = append(tables["country_groups"], row)
	}
	for _, c := range r.reference.Codes {
		tables["hs_codes"] = append(tables["hs_codes"], []driver.Value{c.Revision, c.HS6, c.Manufactured})
	}
	for _, s := range r.reference.Sectors {
		tables["sector_codes"] = append(tables["sector_codes"], []driver.Value{s.Sector, s.Revision, s.HS6})
	}
	for _, f := range r.reference.Firms {
		tables["top_ten_firms"] = append(tables["top_ten_firms"], []driver.Value{f.Sector, f.Firms})
	}
	for _, m := range r.reference.Markets {
		usd, err := decimal(m.USD)
		if err != nil {
			return nil, err
		}
		tables["markets"] = append(tables["markets"], []driver.Value{m.Sector, m.Year, usd, m.Source})
	}
	conversions := make([][]schemas.Conversion, len(r.reference.Revisions))
	var group errgroup.Group
	for i, target := range r.reference.Revisions {
		group.Go(func() (err error) {
			conversions[i], _, err = r.reference.Conversions(target, r.config.Conversion == "official")
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, c := range slices.Concat(conversions...) {
		tables["hs_links"] = append(tables["hs_links"], []driver.Value{c.FromRevision, c.FromCode, c.ToRevision, c.ToCode, c.Lo, c.Hi, c.Of})
	}
	return tables, nil
}

// decimal is a checked amount as DuckDB's DECIMAL(18,3).
func decimal(amount string) (duckdb.Decimal, error) {
	whole, fraction, _ := strings.Cut(amount, ".")
	mills, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", 3-len(fraction)), 10)
	if !ok {
		return duckdb.Decimal{}, fmt.Errorf("amount %q is no number", amount)
	}
	return duckdb.Decimal{Width: 18, Scale: 3, Value: mills}, nil
}

func appendRows(conn *sql.Conn, table string, rows [][]driver.Value) error {
	return conn.Raw(func(raw any) error {
		driverConn, ok := raw.(driver.Conn)
		if !ok {
			return errors.New("no DuckDB connection")
		}
		appender, err := duckdb.NewAppenderFromConn(driverConn, "", table)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := appender.AppendRow(row...); err != nil {
				return errors.Join(err, appender.Close())
			}
		}
		return appender.Close()
	})
}
