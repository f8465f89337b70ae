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
	each := manyLinesEach
	if p.oneLineEach {
		each = oneLineEach
	}
	if err := each(&ctxReader{ctx, file}, numbers, func(number int64, text []byte) error {
		return tell(number, bytes.TrimSuffix(bytes.TrimSuffix(text, []byte{'\n'}), []byte{'\r'}))
	}); err != nil {
		return fmt.Errorf("read lines of %s again: %w", p.Name, err)
	}
	return nil
}

// oneLineEach is eachRecord for a file in which every line is a record: it only has
// to count lines.
func oneLineEach(r io.Reader, numbers []int64, tell func(int64, []byte) error) error {
	buffer := make([]byte, 8<<10)
	var text []byte // of a wanted line, so far
	for line := int64(1); len(numbers) > 0; {
		n, err := io.ReadFull(r, buffer)
		atEnd := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !atEnd {
			return err
		}
		part := buffer[:n]
		if lines := int64(bytes.Count(part, []byte{'\n'})); line+lines < numbers[0] {
			line, part = line+lines, nil
		}
		for len(part) > 0 && len(numbers) > 0 {
			end := bytes.IndexByte(part, '\n') + 1
			if end == 0 {
				end = len(part)
			}
			if line == numbers[0] {
				text = append(text, part[:end]...)
			}
			if part[end-1] == '\n' {
				if line++; len(text) > 0 {
					if err := tell(numbers[0], text); err != nil {
						return err
					}
					numbers, text = numbers[1:], text[:0]
				}
			}
			part = part[end:]
		}
		if atEnd {
			return lastRecord(numbers, text, tell)
		}
	}
	return nil
}

// manyLinesEach is eachRecord for any file.
func manyLinesEach(r io.Reader, numbers []int64, tell func(int64, []byte) error) error {
	reader := bufio.NewReaderSize(r, 1<<20)
	scanner := newLineScanner()
	var text []byte // of a wanted record, so far
	for len(numbers) > 0 {
		part, err := reader.ReadSlice('\n')
		atEnd := errors.Is(err, io.EOF)
		if err != nil && !atEnd && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		before, wasOpen := scanner.records, scanner.content
		_, _ = scanner.Write(part)
		if scanner.records == numbers[0] && (wasOpen || scanner.records > before) {
			text = append(text, part...)
		}
		if atEnd {
			return lastRecord(numbers, text, tell)
		}
		if len(text) > 0 && !scanner.content {
			if err := tell(numbers[0], text); err != nil {
				return err
			}
			numbers, text = numbers[1:], text[:0]
		}
	}
	return nil
}

// lastRecord tells the record that the end of the file ends.
func lastRecord(numbers []int64, text []byte, tell func(int64, []byte) error) error {
	if len(numbers) > 0 && len(text) > 0 {
		if err := tell(numbers[0], text); err != nil {
			return err
		}
		numbers = numbers[1:]
	}
	if len(numbers) > 0 {
		return fmt.Errorf("it ends before record %d", numbers[0])
	}
	return nil
}
