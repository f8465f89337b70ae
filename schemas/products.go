package schemas

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ProductCode puts a code of an HS revision into a group of products. Groups stand beside
// the sectors: a code may be in both, and in several groups.
type ProductCode struct {
	Product, Revision, HS6 string
}

var (
	productColumns = []string{"product", "code", "reason"}
	prefixForm     = regexp.MustCompile(`^[0-9]{2,6}$`)
)

// loadProducts reads the built-in groups of products and those of the user, which come
// beside them. One that has a built-in group's name takes its place, and a sector of that
// name does, too.
func (r *Reference) loadProducts(file string) error {
	sum := newRowSum()
	builtIn, err := r.readProducts("", sum)
	if err != nil {
		return err
	}
	var own []ProductCode
	if file != "" {
		if own, err = r.readProducts(file, sum); err != nil {
			return err
		}
	}
	taken := r.SectorNames()
	for _, p := range own {
		if slices.Contains(taken, p.Product) {
			return fmt.Errorf("%s: product %q: the sector list has a sector of this name; choose another", file, p.Product)
		}
	}
	for _, p := range own {
		taken = append(taken, p.Product)
	}
	kept := slices.DeleteFunc(builtIn, func(p ProductCode) bool { return slices.Contains(taken, p.Product) })
	r.Products = append(kept, own...)
	r.hashes["products"] = hashText(sum.text() + strings.Join(r.ProductNames(), ","))
	return nil
}

// readProducts reads a table of groups of products. A code stands for all six-digit codes
// that begin with it, in every HS revision.
func (r *Reference) readProducts(file string, sum *rowSum) ([]ProductCode, error) {
	shown, content, err := r.base.open("products", file)
	if err != nil {
		return nil, err
	}
	var all []ProductCode
	seen := map[ProductCode]bool{}
	err = eachRow(shown, content, productColumns, func(row []string) error {
		sum.add(row)
		product, prefix := row[0], row[1]
		switch {
		case product == "":
			return errors.New("product is empty")
		case slices.Contains(reservedSectors, product):
			return fmt.Errorf("product %q: outputs use this name for a sum; choose another", product)
		case !prefixForm.MatchString(prefix):
			return fmt.Errorf("code %q: it must be the first two to six digits of codes, such as 9018", prefix)
		}
		found := false
		for _, c := range r.Codes {
			p := ProductCode{product, c.Revision, c.HS6}
			if !strings.HasPrefix(c.HS6, prefix) {
				continue
			}
			if seen[p] {
				return fmt.Errorf("code %s: %s of %s is in product %s already", prefix, c.HS6, c.Revision, product)
			}
			seen[p], found = true, true
			all = append(all, p)
		}
		if !found {
			return fmt.Errorf("code %q: no HS revision has such codes", prefix)
		}
		return nil
	})
	return all, err
}

// ProductNames lists the groups of products, sorted.
func (r *Reference) ProductNames() []string {
	var names []string
	for _, p := range r.Products {
		names = append(names, p.Product)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
