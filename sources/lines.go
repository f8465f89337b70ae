package sources

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// recordsAt finds the numbers of the records (1 is the header) that start at the
// offsets of the broken lines, which must ascend. It reads the file once more,
// and is needed only for files that have broken lines and shifted ones.
func (p *Prepared) recordsAt(broken []brokenLine) ([]int64, error) {
	file, err := os.Open(p.Plain)
	if err != nil {
		return nil, fmt.Errorf("find the broken lines of %s: %w", p.Name, err)
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<20)
	scanner := newLineScanner()
	records := make([]int64, len(broken))
	next := 0
	for next < len(broken) {
		part, err := reader.ReadSlice('\n')
		if len(part) == 0 && err != nil {
			break
		}
		start := scanner.size
		_, _ = scanner.Write(part)
		for next < len(broken) && broken[next].offset < scanner.size {
			if broken[next].offset >= start {
				records[next] = scanner.records
			}
			next++
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("find the broken lines of %s: %w", p.Name, err)
		}
	}
	for ; next < len(broken); next++ { // a quote that nothing closes is found at the end
		records[next] = scanner.records
	}
	return records, nil
}
