package lake

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Shard is a part of the input files, such as one of the tasks of a job array looks at.
type Shard struct{ Number, Of int }

// Whole is the shard of all files.
var Whole = Shard{1, 1}

var shardForm = regexp.MustCompile(`^(\d{1,5})/(\d{1,5})$`)

// ParseShard reads 3/16, the third of sixteen.
func ParseShard(text string) (Shard, error) {
	m := shardForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return Shard{}, fmt.Errorf("%q is no shard: it must be a number and how many there are, such as 3/16", text)
	}
	number, _ := strconv.Atoi(m[1]) // five digits
	of, _ := strconv.Atoi(m[2])
	if number < 1 || number > of {
		return Shard{}, fmt.Errorf("there is no shard %s: shards are numbered from 1 to the number behind the slash", text)
	}
	return Shard{number, of}, nil
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Number, s.Of) }

// Name is the shard in the names of files.
func (s Shard) Name() string { return fmt.Sprintf("%d-%d", s.Number, s.Of) }

// Has tells whether an input is in the shard. What is in one archive or workbook is in one shard.
func (s Shard) Has(name string) bool {
	file, _, _ := strings.Cut(name, "!")
	sum := sha256.Sum256([]byte(file))
	return int(binary.BigEndian.Uint64(sum[:8])%uint64(s.Of))+1 == s.Number
}
