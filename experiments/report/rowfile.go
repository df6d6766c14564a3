package report

import "bytes"

// rowFile is a CSV of rows T that grows by complete lines only.
type rowFile[T any] struct {
	to      file
	size    int64        // bytes of complete lines in the file
	pending bytes.Buffer // complete lines not yet in the file
	rows    rowWriter[T]
}

// startRows makes the CSV at path anew: a header and no rows. The header is in
// the file when it returns.
func startRows[T any](fsys fileSystem, path string) (*rowFile[T], error) {
	to, err := fsys.Truncate(path)
	if err != nil {
		return nil, err
	}
	f := &rowFile[T]{to: to}
	f.rows = newRowWriter[T](&f.pending)
	f.pending.WriteString(header[T]())
	if err := f.flush(); err != nil {
		_ = to.Close()
		return nil, err
	}
	return f, nil
}

// add holds a row back until the next flush.
func (f *rowFile[T]) add(row T) error { return f.rows.write(row) }

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
	f.size += int64(f.pending.Len())
	f.pending.Reset()
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
