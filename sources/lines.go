package sources

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// lineOf is the line on which a record (1 is the header) starts.
func (p *Prepared) lineOf(record int64) int64 {
	i, exact := slices.BinarySearchFunc(p.shifts, record, func(s shift, r int64) int { return int(s.record - r) })
	if exact {
		i++
	}
	if i == 0 {
		return record
	}
	return record + p.shifts[i-1].by
}

// recordsAt finds the records (1 is the header) that start at the offsets of the
// broken lines, which must ascend. It reads the file once more, and is needed only
// for files that have broken lines and shifted ones.
func (p *Prepared) recordsAt(broken []brokenLine) error {
	file, err := os.Open(p.Plain)
	if err != nil {
		return fmt.Errorf("find the broken lines of %s: %w", p.Name, err)
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<20)
	scanner := newLineScanner()
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
				broken[next].record = scanner.records
			}
			next++
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("find the broken lines of %s: %w", p.Name, err)
		}
	}
	for ; next < len(broken); next++ { // a quote that nothing closes is found at the end
		broken[next].record = scanner.records
	}
	return nil
}

// eachRecord reads the file once more and tells the text of the records with these
// numbers, which ascend.
func (p *Prepared) eachRecord(ctx context.Context, numbers []int64, tell func(number int64, text []byte) error) error {
	if len(numbers) == 0 {
		return nil
	}
	file, err := os.Open(p.Plain)
	if err != nil {
		return fmt.Errorf("read lines of %s again: %w", p.Name, err)
	}
	defer file.Close()
	reader := bufio.NewReaderSize(&ctxReader{ctx, file}, 1<<20)
	scanner := newLineScanner()
	record, open := int64(0), false // the record at hand, and whether it goes on
	var text []byte                 // of a wanted record at hand
	for len(numbers) > 0 {
		part, err := reader.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read lines of %s again: %w", p.Name, err)
		}
		before, wasOpen := record, open
		if p.oneLineEach { // no need to look at the bytes
			if open = !bytes.HasSuffix(part, []byte{'\n'}); !wasOpen {
				record++
			}
		} else {
			_, _ = scanner.Write(part)
			record, open = scanner.records, scanner.content
		}
		if record == numbers[0] && (wasOpen || record > before) {
			text = append(text, part...)
		}
		atEnd := errors.Is(err, io.EOF)
		if len(text) > 0 && (!open || atEnd) {
			if err := tell(numbers[0], bytes.TrimSuffix(bytes.TrimSuffix(text, []byte{'\n'}), []byte{'\r'})); err != nil {
				return err
			}
			numbers, text = numbers[1:], text[:0]
		}
		if atEnd && len(numbers) > 0 {
			return fmt.Errorf("read lines of %s again: it ends before record %d", p.Name, numbers[0])
		}
	}
	return nil
}
