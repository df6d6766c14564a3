package data

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"
)

// newLock is the lock on dir, not taken yet. The system lets go of it should the
// process die. What closing it says is of no interest: the file has no content.
func newLock(dir string) *flock.Flock { return flock.New(filepath.Join(dir, ".lock")) }

// lock creates dir and takes the lock on it. Waiting is told once.
func lock(ctx context.Context, fsys fileSystem, dir string, log io.Writer) (unlock func(), err error) {
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, errors.WithMessage(err, "no cache directory")
	}
	l := newLock(dir)
	held, err := l.TryLock()
	if err == nil && !held {
		fmt.Fprintf(log, "another process writes into %s; waiting for it\n", dir)
		_, err = l.TryLockContext(ctx, 100*time.Millisecond)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "no cache directory that can be written to")
	}
	return func() { _ = l.Close() }, nil
}
