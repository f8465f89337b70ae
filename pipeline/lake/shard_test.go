package lake_test

import (
	"fmt"
	"strings"
	"testing"

	"entrepot/pipeline/lake"
)

// Each file is in one shard, with all that is in it, and no shard has most of them.
func TestShard(t *testing.T) {
	t.Parallel()
	counts := map[int]int{}
	for i := range 1000 {
		name := fmt.Sprintf("year/%d.zip", i)
		in := 0
		for number := 1; number <= 7; number++ {
			shard := lake.Shard{Number: number, Of: 7}
			if !shard.Has(name) {
				continue
			}
			in++
			counts[number]++
			if !shard.Has(name + "!a.csv") {
				t.Errorf("what is in %s is in another shard", name)
			}
		}
		if in != 1 || !lake.Whole.Has(name) {
			t.Errorf("%s is in %d shards", name, in)
		}
	}
	for number := 1; number <= 7; number++ {
		if counts[number] < 90 || counts[number] > 200 {
			t.Errorf("shard %d has %d of 1000 files", number, counts[number])
		}
	}
}

func TestParseShard(t *testing.T) {
	t.Parallel()
	if shard, err := lake.ParseShard(" 3/16 "); err != nil || shard != (lake.Shard{Number: 3, Of: 16}) || shard.String() != "3/16" {
		t.Errorf("%v, %v", shard, err)
	}
	for text, want := range map[string]string{"0/4": "numbered from 1", "5/4": "numbered from 1", "0/0": "numbered from 1", "": "such as 3/16", "3": "such as 3/16", "a/b": "such as 3/16", "-1/4": "such as 3/16", "1/4/": "such as 3/16"} {
		if _, err := lake.ParseShard(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
