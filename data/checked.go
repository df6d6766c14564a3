package data

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/pkg/errors"
)

// chunk is how many bytes are read before they are hashed: few enough to be in
// the processor's cache still.
const chunk = 1 << 18

// absent says whether err is that of a path at which there is nothing. Any other
// error is that of something that is there, but bad or not to be read.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// replaceIt is what to do about a bad file in a directory that is not ours.
const replaceIt = "the file is damaged or another one; replace it by a fresh copy"

// openRegular opens a regular file for reading.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path) // before opening: opening a pipe would wait
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.Errorf("%s is not a regular file (%s): remove it", path, info.Mode())
	}
	return os.Open(path)
}

// openSized opens a regular file of that size for reading.
func openSized(path string, size int64) (*os.File, error) {
	in, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	info, err := in.Stat()
	if err == nil && info.Size() != size {
		err = errors.Errorf("%s has %d bytes, want %d: %s", path, info.Size(), size, replaceIt)
	}
	if err != nil {
		_ = in.Close() // it was only looked at
		return nil, err
	}
	return in, nil
}

// readChecked fills b with a whole file and refuses any but the one that is
// wanted; b is of no use then.
func readChecked(path string, b []byte, sum string) error {
	in, err := openSized(path, int64(len(b)))
	if err != nil {
		return err
	}
	defer in.Close()
	h := sha256.New()
	if err := readSized(io.TeeReader(in, h), b); err != nil {
		return errors.WithMessage(err, path)
	}
	return compare(path, h, sum)
}

// verifyFile is readChecked for a file whose bytes are not needed.
func verifyFile(path string, size int64, sum string) error {
	in, err := openSized(path, size)
	if err != nil {
		return err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, io.LimitReader(in, size+1), make([]byte, chunk)); err != nil {
		return errors.WithMessage(err, path)
	}
	return compare(path, h, sum)
}

// sumOf is the hex SHA-256 of a file of any size.
func sumOf(path string) (string, error) {
	in, err := openRegular(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	h := sha256.New()
	// The bare Reader hides the file's WriteTo, which brings a smaller buffer.
	_, err = io.CopyBuffer(h, struct{ io.Reader }{in}, make([]byte, chunk))
	return hex.EncodeToString(h.Sum(nil)), err
}

// compare refuses any checksum but the one that is wanted.
func compare(path string, h hash.Hash, sum string) error {
	if found := hex.EncodeToString(h.Sum(nil)); found != sum {
		return errors.Errorf("%s has SHA-256 %s, want %s: %s", path, found, sum, replaceIt)
	}
	return nil
}

// readSized fills b from r, which must end there; it never takes more than one
// byte beyond. The size is ours, not one that a file claims.
func readSized(r io.Reader, b []byte) error {
	n, err := 0, error(nil)
	for err == nil && n < len(b) { // io.ReadFull hides a truncated gzip stream
		var k int
		k, err = r.Read(b[n:min(n+chunk, len(b))])
		n += k
	}
	for beyond := make([]byte, 1); err == nil; {
		var k int
		if k, err = r.Read(beyond); k > 0 {
			return errors.Errorf("goes on after %d bytes, want its end there", n)
		}
	}
	switch {
	case err != io.EOF:
		return errors.WithMessagef(err, "after %d of %d bytes", n, len(b))
	case n < len(b):
		return errors.Errorf("ends after %d bytes, want %d", n, len(b))
	}
	return nil
}
