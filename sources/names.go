package sources

import (
	"sync"

	"entrepot/schemas"
)

// areaNames are the codes of the embedded areas by their folded names; they
// don't change while a program runs.
var areaNames = sync.OnceValues(func() (map[string]int16, error) {
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		return nil, err
	}
	keys, err := schemas.AreaKeys()
	if err != nil {
		return nil, err
	}
	names := map[string]int16{}
	for _, a := range reference.Areas {
		names[schemas.FoldName(a.Name)] = a.Code
	}
	for _, k := range keys {
		if k.Scheme == "name" {
			names[schemas.FoldName(k.Key)] = k.Code
		}
	}
	return names, nil
})

// areaNamed finds the code of an area by its name as Trade Map, WITS or Comtrade
// write it, whatever its case and blanks.
func areaNamed(name string) (int16, bool) {
	names, err := areaNames()
	if err != nil {
		return 0, false // the embedded tables are tested, and a name that is not found is reported
	}
	code, ok := names[schemas.FoldName(name)]
	return code, ok
}
