package objects

import (
	"context"
	"crypto/md5" //nolint:gosec // S3's own checksum, against faults of the line
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// partBytes is the size of the parts in which a larger file is uploaded. What an
	// object's ETag is depends on it.
	partBytes = 64 << 20
	// attempts is how often a request is made before it counts as failed, and how often
	// in a row a download may be cut without a byte of progress.
	attempts = 6
	// idle is how long a request may go on without a byte moving in either direction.
	idle = 30 * time.Second
)

var errReplaced = errors.New("it was replaced while it was read; run again")

// s3 is a part of a bucket.
type s3 struct {
	client *minio.Client
	bucket string
	prefix string // "" or ending in a slash
	part   int64  // partBytes
}

// openS3 opens s3://bucket/prefix?endpoint=https://host:9000&region=eu-central-1. What the
// URL does not say, and the credentials, are taken from the environment as AWS's own tools
// take them.
func openS3(u *url.URL) (Store, error) {
	values, err := options(u, "endpoint", "region")
	if err != nil {
		return nil, err
	}
	if u.Host == "" {
		return nil, errors.New("the name of the bucket is missing, as in s3://bucket/prefix")
	}
	host, secure, err := endpoint(firstOf(values.Get("endpoint"), os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL")))
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(host, &minio.Options{Secure: secure, Creds: fromEnvironment(), MaxRetries: attempts,
		Region:    firstOf(values.Get("region"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		Transport: impatient{transport, idle}})
	if err != nil {
		return nil, err
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &s3{client, u.Host, prefix, partBytes}, nil
}

// endpoint is the host of the address of a server, and whether it is spoken to by TLS.
func endpoint(address string) (host string, secure bool, err error) {
	if address == "" {
		return "s3.amazonaws.com", true, nil
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return "", false, errors.New("its endpoint is the address of a server, such as https://minio.example.org:9000")
	}
	return parsed.Host, parsed.Scheme == "https", nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func (s *s3) List(ctx context.Context, prefix string) ([]Object, error) {
	var all []Object
	for found := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}) {
		if found.Err != nil {
			return nil, fmt.Errorf("list the bucket %s: %w", s.bucket, explained(found.Err))
		}
		if strings.HasSuffix(found.Key, "/") {
			continue // what consoles make to show a folder
		}
		all = append(all, Object{Key: strings.TrimPrefix(found.Key, s.prefix), Bytes: found.Size, ETag: unquoted(found.ETag)})
	}
	return all, ctx.Err()
}

func unquoted(etag string) string { return strings.Trim(etag, `"`) }

// receiver is where a download goes; what fails there is no fault of the line.
type receiver struct {
	io.Writer
	err error
}

func (r *receiver) Write(text []byte) (n int, err error) {
	n, r.err = r.Writer.Write(text)
	return n, r.err
}

// Read goes on where a download was cut, as long as each attempt brings something.
func (s *s3) Read(ctx context.Context, o Object, w io.Writer) error {
	sum := md5.New() //nolint:gosec // see above
	had, fruitless := int64(0), 0
	for {
		info, n, err := s.readFrom(ctx, &o, had, io.MultiWriter(w, sum))
		had += n
		if err == nil {
			return compare(o.Key, info, had, hex.EncodeToString(sum.Sum(nil)))
		}
		if fruitless++; n > 0 {
			fruitless = 0
		}
		if ctx.Err() != nil || errors.Is(err, fs.ErrNotExist) || fruitless >= attempts || !isCut(err) {
			return fmt.Errorf("read %s: %w", o.Key, err)
		}
		if err := pause(ctx, fruitless); err != nil {
			return err
		}
	}
}

// readFrom reads the rest of an object, which from then on must keep its ETag.
func (s *s3) readFrom(ctx context.Context, o *Object, offset int64, w io.Writer) (info minio.ObjectInfo, n int64, err error) {
	var how minio.GetObjectOptions
	if o.ETag != "" {
		if err := how.SetMatchETag(o.ETag); err != nil {
			return info, 0, err
		}
	}
	if offset > 0 {
		if err := how.SetRange(offset, 0); err != nil {
			return info, 0, err
		}
	}
	body, info, header, err := minio.Core{Client: s.client}.GetObject(ctx, s.bucket, s.prefix+o.Key, how)
	if err != nil {
		return info, 0, explained(err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if offset > 0 && header.Get("Content-Range") == "" {
		return info, 0, errors.New("the store began from the start again")
	}
	if o.ETag != "" && o.ETag != unquoted(info.ETag) { // not every store knows the condition
		return info, 0, errReplaced
	}
	info.Size += offset // that of the answer
	o.ETag = unquoted(info.ETag)
	to := &receiver{Writer: w}
	n, err = io.Copy(to, body)
	if to.err != nil {
		return info, n, to.err
	}
	if err != nil {
		return info, n, &cutError{err}
	}
	if offset+n < info.Size {
		return info, n, &cutError{io.ErrUnexpectedEOF}
	}
	return info, n, nil
}

// cutError is that a download broke off.
type cutError struct{ error }

func (e *cutError) Unwrap() error { return e.error }

func isCut(err error) bool { return errors.As(err, new(*cutError)) }

// pause waits as the client does between its own attempts.
func pause(ctx context.Context, times int) error {
	select {
	case <-time.After(min(minio.DefaultRetryUnit<<times, minio.DefaultRetryCap)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// md5Form is an ETag that is the MD5 of the content.
var md5Form = regexp.MustCompile(`^[0-9a-f]{32}$`)

// compare compares what was read with what the store says of the object. The ETag of an
// object that the store encrypted with a key of its own is no MD5.
func compare(key string, info minio.ObjectInfo, bytes int64, sum string) error {
	etag, encryption := unquoted(info.ETag), info.Metadata.Get("X-Amz-Server-Side-Encryption")
	switch {
	case bytes != info.Size:
		return fmt.Errorf("read %s: %w: %d bytes came, not %d", key, ErrDamaged, bytes, info.Size)
	case md5Form.MatchString(etag) && sum != etag && (encryption == "" || encryption == "AES256"):
		return fmt.Errorf("read %s: %w: its MD5 is %s, not %s", key, ErrDamaged, sum, etag)
	}
	return nil
}

// put sends the file with its MD5: the store refuses what arrives otherwise, and then it
// is sent again.
func (s *s3) put(ctx context.Context, key string, file *os.File, bytes int64) (Object, error) {
	for times := 1; ; times++ {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return Object{}, err
		}
		info, err := s.client.PutObject(ctx, s.bucket, s.prefix+key, file, bytes, minio.PutObjectOptions{
			ContentType: contentType(key), SendContentMd5: true, PartSize: uint64(s.part)})
		if err == nil {
			return Object{Key: key, Bytes: info.Size, ETag: unquoted(info.ETag)}, nil
		}
		if minio.ToErrorResponse(err).Code != minio.BadDigest || times == attempts {
			return Object{}, explained(err)
		}
		if err := pause(ctx, times); err != nil {
			return Object{}, err
		}
	}
}

func contentType(key string) string {
	if strings.HasSuffix(key, ".json") {
		return "application/json"
	}
	return "application/octet-stream"
}

func (s *s3) Delete(ctx context.Context, key string) error {
	err := s.client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{})
	if err != nil {
		return fmt.Errorf("delete %s: %w", key, explained(err))
	}
	return nil
}

// etag is the MD5 of the content, or of the MD5s of its parts with their number.
func (s *s3) etag(content io.Reader, bytes int64) (string, error) {
	if bytes < s.part {
		sum := md5.New() //nolint:gosec // see above
		_, err := io.Copy(sum, content)
		return hex.EncodeToString(sum.Sum(nil)), err
	}
	sums, parts := md5.New(), 0 //nolint:gosec // see above
	for left := bytes; left > 0; left -= s.part {
		sum := md5.New() //nolint:gosec // see above
		if _, err := io.CopyN(sum, content, min(left, s.part)); err != nil {
			return "", err
		}
		sums.Write(sum.Sum(nil))
		parts++
	}
	return fmt.Sprintf("%x-%d", sums.Sum(nil), parts), nil
}

// explained says what the store's words mean, and what to do.
func explained(err error) error {
	said := minio.ToErrorResponse(err)
	switch said.Code {
	case "NoSuchKey":
		return fs.ErrNotExist
	case "NoSuchBucket":
		return fmt.Errorf("there is no such bucket: %w", err)
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken":
		return fmt.Errorf("the store refused (%s): %w; credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "+
			"~/.aws/credentials, or the role of the machine", said.Code, err)
	case "BadDigest":
		return errors.New("what arrived was not what was sent (BadDigest)")
	case "PreconditionFailed":
		return errReplaced
	}
	if said.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("the store failed (%d %s): %w", said.StatusCode, http.StatusText(said.StatusCode), err)
	}
	var failed *url.Error
	if !errors.As(err, &failed) {
		return err
	}
	host := failed.URL
	if parsed, wrong := url.Parse(failed.URL); wrong == nil {
		host = parsed.Host
	}
	if strings.HasPrefix(failed.Err.Error(), "Connection closed by foreign host") { // minio's words for EOF, with the whole URL
		return fmt.Errorf("%s closed the connection", host)
	}
	return fmt.Errorf("%s does not answer: %w", host, failed.Err)
}
