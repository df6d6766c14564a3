package runs

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"hash"
	"io"
	"os"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// rowFile is a CSV of rows T that grows by whole lines.
type rowFile[T any] struct {
	to   durable.File
	size int64     // bytes of whole lines in the file
	rows int       // among them
	hash hash.Hash // of these bytes, SHA-256
	line bytes.Buffer
	csv  rowWriter[T] // into line
}

// Mark says how much of a CSV belongs to a checkpoint.
type Mark struct {
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`  // with the header
	SHA256 string `json:"sha256"` // of these bytes, hexadecimal
}

// openRows opens the CSV at path. It cuts the file back to the mark or, if that is empty,
// to its header.
func openRows[T any](fsys durable.FS, path string, at Mark) (f *rowFile[T], err error) {
	sum, flag := sha256.New(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC
	if at != (Mark{}) {
		flag = os.O_WRONLY
		if sum, err = holds(path, at); err != nil {
			return nil, err
		}
	}
	to, err := fsys.Open(path, flag)
	if err != nil {
		return nil, err
	}
	f = &rowFile[T]{to: to, hash: sum, size: at.Bytes, rows: at.Rows}
	f.csv = newRowWriter[T](&f.line)
	if at != (Mark{}) {
		err = errors.Wrapf(durable.Cause(to.Truncate(f.size)), "cut %s back to %d rows", path, f.rows)
	} else {
		f.line.WriteString(header[T]())
		err = f.write()
	}
	if err != nil {
		_ = to.Close()
		return nil, err
	}
	return f, nil
}

// holds returns the hash of the file's beginning, and an error if it is not the mark's.
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
	if found := durable.Sum(sum); n != at.Bytes || found != at.SHA256 {
		return nil, errors.Errorf("%s: its first %d bytes have SHA-256 %s, want %d bytes (%d rows) with %s", path, n, found, at.Bytes, at.Rows, at.SHA256)
	}
	return sum, nil
}

// mark makes the file durable and returns a mark that covers all of it.
func (f *rowFile[T]) mark() (Mark, error) {
	return Mark{f.rows, f.size, durable.Sum(f.hash)}, f.to.Sync()
}

func (f *rowFile[T]) add(row T) error {
	if err := f.csv.write(row); err != nil {
		return err
	}
	if err := f.write(); err != nil {
		return err
	}
	f.rows++
	return nil
}

// write appends the line. After an error it tries to cut the file back to the lines it
// had.
func (f *rowFile[T]) write() error {
	if _, err := f.to.WriteAt(f.line.Bytes(), f.size); err != nil {
		_ = f.to.Truncate(f.size)
		return err
	}
	f.hash.Write(f.line.Bytes())
	f.size += int64(f.line.Len())
	f.line.Reset()
	return nil
}

// close makes the rows durable and closes the file. A nil file is closed already.
func (f *rowFile[T]) close() error {
	if f == nil {
		return nil
	}
	return cmp.Or(f.to.Sync(), f.to.Close())
}
