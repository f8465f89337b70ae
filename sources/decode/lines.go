package decode

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

// LineOf is the line on which a record (1 is the header) starts.
func (p *Prepared) LineOf(record int64) int64 {
	i, exact := slices.BinarySearchFunc(p.shifts, record, func(s shift, r int64) int { return int(s.record - r) })
	if exact {
		i++
	}
	if i == 0 {
		return record
	}
	return record + p.shifts[i-1].by
}

// ShiftedRecords lists the records, in order, from which on a record's line is another
// distance away from its number. There are none in a file without blank lines and line
// breaks inside quotes.
func (p *Prepared) ShiftedRecords() []int64 {
	var records []int64
	for _, s := range p.shifts {
		records = append(records, s.record)
	}
	return records
}

// RecordsAt finds the records (1 is the header) that start at these offsets in bytes,
// which must ascend. It reads the file once more.
func (p *Prepared) RecordsAt(offsets []int64) ([]int64, error) {
	file, err := os.Open(p.Plain)
	if err != nil {
		return nil, fmt.Errorf("find the broken lines of %s: %w", p.Name, err)
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, roomFor(p.Size))
	scanner := newLineScanner()
	records := make([]int64, len(offsets))
	next := 0
	for next < len(offsets) {
		part, err := reader.ReadSlice('\n')
		if len(part) == 0 && err != nil {
			break
		}
		start := scanner.size
		_, _ = scanner.Write(part)
		for next < len(offsets) && offsets[next] < scanner.size {
			if offsets[next] >= start {
				records[next] = scanner.records
			}
			next++
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("find the broken lines of %s: %w", p.Name, err)
		}
	}
	for ; next < len(offsets); next++ { // a quote that nothing closes is found at the end
		records[next] = scanner.records
	}
	return records, nil
}

// EachRecord reads the file once more and tells the text of the records with these
// numbers, which ascend.
func (p *Prepared) EachRecord(ctx context.Context, numbers []int64, tell func(number int64, text []byte) error) error {
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
	if err := each(bufio.NewReaderSize(&ctxReader{ctx, file}, roomFor(p.Size)), numbers, func(number int64, text []byte) error {
		return tell(number, withoutEnd(text))
	}); err != nil {
		return fmt.Errorf("read lines of %s again: %w", p.Name, err)
	}
	return nil
}

// RecordsFrom reads the file once more and tells the text of all records from this number on.
func (p *Prepared) RecordsFrom(ctx context.Context, from int64, tell func(number int64, text []byte) error) error {
	file, err := os.Open(p.Plain)
	if err != nil {
		return fmt.Errorf("read %s again: %w", p.Name, err)
	}
	defer file.Close()
	reader := bufio.NewReaderSize(&ctxReader{ctx, file}, max(roomFor(p.Size), 4<<10))
	scanner := newLineScanner()
	var text []byte // of a record, so far
	for {
		part, err := reader.ReadSlice('\n')
		atEnd := errors.Is(err, io.EOF)
		if err != nil && !atEnd && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("read %s again: %w", p.Name, err)
		}
		before, wasOpen := scanner.records, scanner.content
		_, _ = scanner.Write(part)
		if scanner.records >= from && (wasOpen || scanner.records > before) {
			text = append(text, part...)
		}
		if len(text) > 0 && (atEnd || !scanner.content) {
			if err := tell(scanner.records, withoutEnd(text)); err != nil {
				return err
			}
			text = text[:0]
		}
		if atEnd {
			return nil
		}
	}
}

func withoutEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
}

// oneLineEach is EachRecord for a file in which every line is a record: it only has
// to count lines.
func oneLineEach(r *bufio.Reader, numbers []int64, tell func(int64, []byte) error) error {
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

// manyLinesEach is EachRecord for any file.
func manyLinesEach(reader *bufio.Reader, numbers []int64, tell func(int64, []byte) error) error {
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

// SkippedUnits counts what DuckDB's reader skips one by one, records and blank
// lines, up to the end of the record of that number.
func SkippedUnits(head []byte, records int) int {
	units, seen, content := 0, 0, false
	q := quotes{opens: true}
	for seen < records && len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte{'\n'})
		blank := len(line) == 0 || len(line) == 1 && line[0] == '\r'
		content = content || !blank
		q.take(line)
		q.endLine()
		if q.inside {
			continue
		}
		units++
		if content {
			seen++
		}
		content = false
	}
	return units
}
