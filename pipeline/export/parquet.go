package export

import (
	"context"
	"errors"
	"io"
	"os"

	"entrepot/schemas"
)

// parquetFiles are the published files as they are, with what they say of themselves.
func (e *exporter) parquetFiles() []file {
	return e.tableFiles("parquet", func(_ context.Context, o schemas.Output, to *os.File) (err error) {
		from, err := os.Open(e.release.Path(o.Name))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, from.Close()) }()
		_, err = io.Copy(to, from)
		return err
	})
}
