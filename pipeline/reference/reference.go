// Package reference fills the reference tables of the workspace: areas, groups, codes,
// conversions and sector lists, those that are built in and those of the user.
package reference

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/big"
	"strings"
	"time"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"

	"github.com/duckdb/duckdb-go/v2"
)

// Load fills the workspace's reference tables, if they are not filled
// with what is in use now.
func Load(ctx context.Context, j *job.Job, w *workspace.Workspace) error {
	const step = "reference"
	now := j.ReferenceFingerprint()
	was, err := w.Step(ctx, step)
	if err != nil || was.Fingerprint == now.Sum() {
		return err
	}
	started := time.Now()
	tables, err := tablesOf(j)
	if err != nil {
		return err
	}
	return w.InTransaction(ctx, func(conn *sql.Conn) error {
		rows := int64(0)
		for name, content := range tables {
			if _, err := conn.ExecContext(ctx, "DELETE FROM "+sqltext.Name(name)); err != nil {
				return fmt.Errorf("empty reference table %s: %w", name, err)
			}
			if err := engine.Append(conn, name, content); err != nil {
				return fmt.Errorf("fill reference table %s: %w", name, err)
			}
			rows += int64(len(content))
		}
		return workspace.Finish(ctx, conn, step, now, workspace.StepState{Content: now.Sum(), RowsIn: rows, RowsOut: rows, Seconds: time.Since(started).Seconds()})
	})
}

func tablesOf(j *job.Job) (map[string][][]driver.Value, error) {
	tables := map[string][][]driver.Value{"areas": nil, "successions": nil, "country_groups": nil, "hs_codes": nil, "sector_codes": nil, "hs_steps": nil, "hs_splits": nil, "top_ten_firms": nil, "markets": nil, "affiliate_sales": nil, "deflators": nil, "product_codes": nil, "value_added": nil, "activities": nil, "area_keys": nil}
	for _, k := range j.Reference.AreaKeys() {
		tables["area_keys"] = append(tables["area_keys"], []driver.Value{k.Scheme, k.Key, k.Code})
	}
	for _, a := range j.Reference.Areas {
		tables["areas"] = append(tables["areas"], []driver.Value{a.Code, a.ISO3, a.Name, a.Kind, a.From, a.To, a.Reporter})
	}
	for _, s := range j.Reference.Successions {
		tables["successions"] = append(tables["successions"], []driver.Value{s.Code, s.Since, s.Successor, s.Whole})
	}
	for _, m := range j.Reference.Groups {
		row := []driver.Value{m.Group, m.Area, m.Joined, nil}
		if !m.Left.IsZero() {
			row[3] = m.Left
		}
		tables["country_groups"] = append(tables["country_groups"], row)
	}
	for _, c := range j.Reference.Codes {
		tables["hs_codes"] = append(tables["hs_codes"], []driver.Value{c.Revision, c.HS6, c.Manufactured})
	}
	for _, s := range j.Reference.Sectors {
		tables["sector_codes"] = append(tables["sector_codes"], []driver.Value{s.Sector, s.Revision, s.HS6})
	}
	for _, p := range j.Reference.Products {
		tables["product_codes"] = append(tables["product_codes"], []driver.Value{p.Product, p.Revision, p.HS6})
	}
	for _, f := range j.Reference.Firms {
		tables["top_ten_firms"] = append(tables["top_ten_firms"], []driver.Value{f.Reporter, f.Sector, f.Firms})
	}
	for _, m := range j.Reference.Markets {
		usd, err := decimal(m.USD, 3)
		if err != nil {
			return nil, err
		}
		tables["markets"] = append(tables["markets"], []driver.Value{m.Reporter, m.Sector, m.Year, usd, m.Source})
	}
	for _, a := range j.Reference.Affiliates {
		usd, err := decimal(a.USD, 3)
		if err != nil {
			return nil, err
		}
		tables["affiliate_sales"] = append(tables["affiliate_sales"], []driver.Value{a.Reporter, a.Year, usd, a.Source})
	}
	for _, d := range j.Reference.Deflators {
		index, err := decimal(d.Index, 6)
		if err != nil {
			return nil, err
		}
		tables["deflators"] = append(tables["deflators"], []driver.Value{d.Flow, d.Year, index})
	}
	if err := addValueAdded(tables, j); err != nil {
		return nil, err
	}
	return tables, addConversion(tables, j)
}

// addValueAdded adds the table of the OECD's Trade in Value Added.
func addValueAdded(tables map[string][][]driver.Value, j *job.Job) error {
	for _, v := range j.Reference.ValueAdded {
		usd, err := decimal(v.USD, 3)
		if err != nil {
			return err
		}
		tables["value_added"] = append(tables["value_added"], []driver.Value{v.SourceArea, v.SourceActivity, v.DemandArea, v.DemandActivity, v.Year, usd})
	}
	for code, name := range j.Reference.Activities {
		tables["activities"] = append(tables["activities"], []driver.Value{code, name})
	}
	return nil
}

// addConversion adds what codes become in older revisions, and in the one that all
// codes are converted to.
func addConversion(tables map[string][][]driver.Value, j *job.Job) error {
	official, target := j.Config.Conversion == "official", j.Config.Harmonize
	for _, s := range j.Reference.Steps(official) {
		tables["hs_steps"] = append(tables["hs_steps"], []driver.Value{s.FromRevision, s.FromCode, s.ToRevision, s.ToCode})
	}
	revisions := j.Reference.Revisions
	if !revisions.Has(target) {
		return nil // families, and codes as they were reported
	}
	conversions, _, err := j.Reference.Conversions(target, official)
	for _, c := range conversions {
		if revisions.Index(c.FromRevision) < revisions.Index(target) {
			tables["hs_splits"] = append(tables["hs_splits"], []driver.Value{c.FromRevision, c.FromCode, c.ToRevision, c.ToCode, c.Lo, c.Hi, c.Of})
		}
	}
	return err
}

// decimal is a checked number of at most so many decimals as DuckDB's DECIMAL(18,scale).
func decimal(amount string, scale int) (duckdb.Decimal, error) {
	whole, fraction, _ := strings.Cut(amount, ".")
	scaled, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10)
	if !ok {
		return duckdb.Decimal{}, fmt.Errorf("%q is no number", amount)
	}
	return duckdb.Decimal{Width: 18, Scale: uint8(scale), Value: scaled}, nil
}
