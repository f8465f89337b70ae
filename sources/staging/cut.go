package staging

import "entrepot/sources/decode"

// cutOff refuses a file whose last line has no end and too few fields: it was cut off
// while it was written or downloaded.
func (b *Batch) cutOff(broken []brokenLine) error {
	for _, line := range broken {
		p := b.Files[line.place].Prepared
		if line.reason != "too_few_fields" || p.Numbered || !p.Unended || line.record != p.Records {
			continue
		}
		if len(b.Files) > 1 {
			return ErrReadSingly
		}
		return decode.Refuse("is cut off: its last line, %d, ends inside a row; download it again", line.line)
	}
	return nil
}
