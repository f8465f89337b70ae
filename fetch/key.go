package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"entrepot/pipeline/usage"
)

// KeyVariable is the variable of the environment that holds the key.
const KeyVariable = "COMTRADE_API_KEY"

// Key is a subscription key of UN Comtrade's API. However it is printed, it does not show.
type Key struct{ text string }

const hidden = "[redacted]"

func (k Key) String() string               { return hidden }
func (k Key) GoString() string             { return hidden }
func (k Key) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (k Key) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
func (k Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }
func (k Key) Format(s fmt.State, _ rune)   { _, _ = s.Write([]byte(hidden)) }

// Given tells whether there is a key.
func (k Key) Given() bool { return k.text != "" }

// name is what stands for the key where calls are counted.
func (k Key) name() string {
	sum := sha256.Sum256([]byte(k.text))
	return hex.EncodeToString(sum[:4])
}

// redact takes the key out of a text that came from elsewhere.
func (k Key) redact(text string) string {
	if k.text == "" {
		return text
	}
	return strings.ReplaceAll(text, k.text, hidden)
}

// FindKey is the key of the environment, else that of a file, else none. A file that
// others may read is refused.
func FindKey(file string) (Key, error) {
	if text := strings.TrimSpace(os.Getenv(KeyVariable)); text != "" {
		return KeyOf(text, KeyVariable)
	}
	if file == "" {
		return Key{}, nil
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, usage.Errorf("fetch_key_file %s does not exist: write the key into it, or set %s", file, KeyVariable)
	}
	if err != nil {
		return Key{}, fmt.Errorf("look at fetch_key_file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, usage.Errorf("fetch_key_file %s may be read by others (%s): chmod 600 %s", file, info.Mode().Perm(), file)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return Key{}, fmt.Errorf("read fetch_key_file: %w", err)
	}
	return KeyOf(strings.TrimSpace(string(content)), file)
}

// KeyOf is a key by its text, where it stood. What can't be sent in a header is refused
// without being shown.
func KeyOf(text, where string) (Key, error) {
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return Key{}, usage.Errorf("%s has no key in it: a key is one word of letters and digits", where)
		}
	}
	if text == "" {
		return Key{}, usage.Errorf("%s is empty: write the key into it", where)
	}
	return Key{text}, nil
}
