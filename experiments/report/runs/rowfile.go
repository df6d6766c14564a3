package runs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"

	"cnnlab/data/durable"

	"github.com/pkg/errors"
)

// rowFile is a CSV of rows T that grows by complete lines only.
type rowFile[T any] struct {
	to      durable.File
	size    int64     // bytes of complete lines in the file
	count   int       // rows among them
	hash    hash.Hash // of these bytes, SHA-256
	pending bytes.Buffer
	held    int // rows in pending, not yet in the file
	rows    rowWriter[T]
}

// Mark is how much of a CSV belongs to a checkpoint.
type Mark struct {
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`  // with the header
	SHA256 string `json:"sha256"` // of these bytes, hexadecimal
}

// openRows opens the CSV at path: cut back to the mark or, without one, empty but
// for its header, which is in the file when openRows returns.
func openRows[T any](fsys durable.FS, path string, at *Mark) (f *rowFile[T], err error) {
	sum, flag := sha256.New(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC
	if at != nil {
		flag = os.O_WRONLY
		if sum, err = holds(path, *at); err != nil {
			return nil, err
		}
	}
	to, err := fsys.Open(path, flag)
	if err != nil {
		return nil, err
	}
	f = &rowFile[T]{to: to, hash: sum}
	f.rows = newRowWriter[T](&f.pending)
	if at != nil {
		f.size, f.count = at.Bytes, at.Rows
		err = errors.Wrapf(durable.Cause(to.Truncate(f.size)), "cut %s back to %d rows", path, f.count)
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

// holds returns the hash of the file's beginning, which must be that of the mark.
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
	if found := hexSum(sum); n != at.Bytes || found != at.SHA256 {
		return nil, errors.Errorf("%s: its first %d bytes have SHA-256 %s, want %d bytes (%d rows) with %s", path, n, found, at.Bytes, at.Rows, at.SHA256)
	}
	return sum, nil
}

func hexSum(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// mark covers everything in the file.
func (f *rowFile[T]) mark() Mark { return Mark{f.count, f.size, hexSum(f.hash)} }

// add keeps a row for the next flush.
func (f *rowFile[T]) add(row T) error {
	f.held++
	return f.rows.write(row)
}

// flush writes the pending rows to the file, by one write. After an error it cuts
// the file back to the lines it had, as far as the disk allows.
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
