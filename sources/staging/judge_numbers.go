package staging

import (
	"context"
	"database/sql"
	"fmt"

	"entrepot/sources"
	"entrepot/sources/decode"
)

// rounded is the form of a number that a spreadsheet shows as 1.23E+10, and saves as it
// shows it. R's 1e+05 and 1.23e+10 are exact.
const rounded = `'[-+]?[0-9]([.][0-9]+)?E[+][0-9]+'`

// judgeNumbers looks at how all values of the file are written, not only those of the
// first rows: whether points in them stand between thousands, and whether a spreadsheet
// rounded them. A file that can be read in two ways is refused.
func (b *Batch) judgeNumbers(ctx context.Context, conn *sql.Conn) error {
	l := b.layout()
	query, err := fill("numbers.sql", map[string]any{"Value": rawCell(sources.ColValue), "Rounded": rounded})
	if err != nil {
		return err
	}
	var grouped, doubtful, pointed, written, roundedValues, digits int64
	var example, roundedExample string
	err = conn.QueryRowContext(ctx, query).Scan(&grouped, &doubtful, &pointed, &written, &roundedValues, &digits, &example, &roundedExample)
	if err != nil {
		return fmt.Errorf("look at how values are written: %w", err)
	}
	if roundedValues > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("%s to %d digits by a spreadsheet, such as %s: the exact values are lost; download it again if they count",
			was(roundedValues), digits, roundedExample))
	}
	switch {
	case grouped > 0 && grouped*10 <= pointed: // a few are slips, and become rejects
	case grouped > 0 && grouped <= pointed*10:
		return decode.Refuse("writes its numbers in two ways, such as %s with points between thousands, and others with decimal points; "+
			"mend it, or say which is meant with 'decimal:' under files: in entrepot.yaml", example)
	case grouped > 0:
		b.grouped = true
	case doubtful == 0 || l.Points == sources.BeforeDecimals:
	case l.Points == sources.BeforeThousands && pointed == 0:
		b.grouped = true
	case l.Points == sources.BeforeEither && doubtful == written:
		return decode.Refuse("has numbers such as %s only, of which nothing tells whether the point stands before decimals or thousands: "+
			"say it with 'decimal: \".\"' or 'decimal: \",\"' under files: in entrepot.yaml", example)
	}
	return nil
}

func was(n int64) string {
	if n == 1 {
		return "1 value was rounded"
	}
	return fmt.Sprintf("%d values were rounded", n)
}

// hasGroups tells whether a value that was read again can only have points between
// thousands, such as 1.234.567.
func hasGroups(ctx context.Context, conn *sql.Conn) (found bool, err error) {
	query, err := fill("groups.sql", map[string]any{"Value": rawCell(sources.ColValue)})
	if err != nil {
		return false, err
	}
	if err := conn.QueryRowContext(ctx, query).Scan(&found); err != nil {
		return false, fmt.Errorf("look at how values are written: %w", err)
	}
	return found, nil
}
