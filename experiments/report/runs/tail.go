package runs

import (
	"bytes"
	"io"
	"os"
	"slices"

	"github.com/pkg/errors"
)

// Tail follows a CSV that another goroutine or process writes.
type Tail[T row] struct {
	Path   string
	header []byte
	read   int64 // bytes of whole lines
}

// Next returns the rows that the file has gained since the last call. If the file was
// started over or cut back since, again is true and the rows are all that it holds. The
// error is fs.ErrNotExist if there is no file.
func (t *Tail[T]) Next() (rows []T, again bool, err error) {
	f, err := os.Open(t.Path)
	if err != nil {
		return nil, false, errors.WithStack(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, false, errors.WithStack(err)
	}
	if again = info.Size() < t.read; again {
		t.header, t.read = nil, 0
	}
	gained, err := io.ReadAll(io.NewSectionReader(f, t.read, info.Size()-t.read))
	if err != nil {
		return nil, again, errors.WithStack(err)
	}
	gained = gained[:bytes.LastIndexByte(gained, '\n')+1] // the rest of a line comes later
	t.read += int64(len(gained))
	if t.header == nil && len(gained) > 0 {
		t.header = slices.Clone(gained[:bytes.IndexByte(gained, '\n')+1])
		gained = gained[len(t.header):]
	}
	if len(gained) == 0 {
		return nil, again, nil
	}
	rows, err = collect(readRows[T](t.Path, io.MultiReader(bytes.NewReader(t.header), bytes.NewReader(gained))))
	return rows, again, err
}
