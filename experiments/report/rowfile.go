package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"

	"github.com/pkg/errors"
)

// rowFile is a CSV of rows T that grows by complete lines only.
type rowFile[T any] struct {
	to      file
	size    int64     // bytes of complete lines in the file
	count   int       // rows among them
	hash    hash.Hash // of these bytes, SHA-256
	pending bytes.Buffer
	held    int // rows in pending, which are not yet in the file
	rows    rowWriter[T]
}

// Mark is the beginning of a CSV, as far as a checkpoint counts it.
type Mark struct {
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`  // header included
	SHA256 string `json:"sha256"` // of these, hexadecimal
}

// openRows opens the CSV at path: cut back to the mark, or anew, with a header
// and no rows, if there is no mark. The header is in the file when it returns.
func openRows[T any](fsys fileSystem, path string, at *Mark) (f *rowFile[T], err error) {
	sum, open := sha256.New(), fsys.Truncate
	if at != nil {
		open = fsys.Open
		if sum, err = holds(path, *at); err != nil {
			return nil, err
		}
	}
	to, err := open(path)
	if err != nil {
		return nil, err
	}
	f = &rowFile[T]{to: to, hash: sum}
	f.rows = newRowWriter[T](&f.pending)
	if at != nil {
		f.size, f.count = at.Bytes, at.Rows
		err = errors.Wrapf(cause(to.Truncate(f.size)), "cut %s back to %d rows", path, f.count)
	} else {
		f.pending.WriteString(header[T]())
		err = f.flush()
	}
	if err != nil {
		_ = to.Close()
		return nil, err
	}
	return f, nil
}

// holds returns the hash of what the file at path begins with, which must be
// that of the mark.
func holds(path string, at Mark) (hash.Hash, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, at.Bytes))
	if err != nil {
		return nil, err
	}
	if found := digits(sum); n != at.Bytes || found != at.SHA256 {
		return nil, errors.Errorf("%s: its first %d bytes have SHA-256 %s, want %d of %s, which are %d rows", path, n, found, at.Bytes, at.SHA256, at.Rows)
	}
	return sum, nil
}

func digits(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// mark is what is in the file.
func (f *rowFile[T]) mark() Mark { return Mark{f.count, f.size, digits(f.hash)} }

// add holds a row back until the next flush.
func (f *rowFile[T]) add(row T) error {
	f.held++
	return f.rows.write(row)
}

// flush puts what is held back into the file by one write. After an error the
// file is cut back to the lines that it had, as far as the disk allows.
func (f *rowFile[T]) flush() error {
	if f.pending.Len() == 0 {
		return nil
	}
	if _, err := f.to.WriteAt(f.pending.Bytes(), f.size); err != nil {
		_ = f.to.Truncate(f.size)
		return err
	}
	f.hash.Write(f.pending.Bytes())
	f.size, f.count = f.size+int64(f.pending.Len()), f.count+f.held
	f.pending.Reset()
	f.held = 0
	return nil
}

// sync makes the rows durable.
func (f *rowFile[T]) sync() error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.to.Sync()
}

func (f *rowFile[T]) close() error {
	err := f.sync()
	if closed := f.to.Close(); err == nil {
		err = closed
	}
	return err
}
