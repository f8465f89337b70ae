package extract

import (
	"fmt"
	"sync/atomic"

	"entrepot/pipeline/workspace"
)

// maxExcess is by how much the texts of all files together may be more than trade files
// unpack to: each small file may have some, so that many would fill the disk.
const maxExcess = 128 << 20

// excess adds up what the files of a data folder have beyond that. Files that were read in
// an earlier run count as well, so that the verdict does not depend on it.
type excess struct{ bytes atomic.Int64 }

func (x *excess) add(f workspace.File) error {
	if sum := x.bytes.Add(f.Excess); f.Excess > 0 && sum > maxExcess {
		return fmt.Errorf("the files unpack to more than 200 times their size, and by more than %d MiB, as archives do that are made to fill the disk: "+
			"take out those that are no trade data, or unpack those that are", maxExcess>>20)
	}
	return nil
}
