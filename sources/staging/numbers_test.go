package staging

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// A number of any size is multiplied or is NULL; none stops the reading of the others.
func TestProductsHaveRoom(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, factor := range []int{1, 1000, 1_000_000} {
		decimals, below := room(factor)
		largest := strings.Repeat("9", 18-decimals) + "." + strings.Repeat("9", decimals)
		for number, fits := range map[string]bool{"0." + strings.Repeat("0", decimals-1) + "1": true, fmt.Sprint(below - 1): true,
			fmt.Sprintf("%d.%s", below-1, strings.Repeat("9", decimals)): true, largest: factor == 1, "-" + largest: factor == 1} {
			var product, exact sql.NullString
			err := db.QueryRowContext(context.Background(), fmt.Sprintf("SELECT CAST(%s AS VARCHAR), CAST(CAST(CAST(n AS DECIMAL(29,9)) * %d AS DECIMAL(38,3)) AS VARCHAR) FROM (SELECT CAST('%s' AS %s) AS n)",
				times("n", factor), factor, number, shortDecimal(factor))).Scan(&product, &exact)
			if err != nil {
				t.Errorf("%s times %d: %v", number, factor, err)
			} else if product.Valid != fits || fits && product != exact {
				t.Errorf("%s times %d is %q, expected %q, or nothing: %t", number, factor, product.String, exact.String, !fits)
			}
		}
	}
}
