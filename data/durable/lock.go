package durable

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"
)

// ErrLocked is in the chain of the error for a directory that another live process
// has locked. The lock of a dead process is released by the system.
var ErrLocked = errors.New("locked by another live process")

// LockName is the file that is locked. It is never removed: then two processes
// could each lock a file of this name.
const LockName = ".lock"

// Lock is a lock on a directory, held by this process.
type Lock struct{ file *flock.Flock }

// Acquire locks dir. It waits at most patience for another holder, then returns
// ErrLocked; if ctx ends first it returns the cause of that.
func Acquire(ctx context.Context, dir string, patience time.Duration) (*Lock, error) {
	file := flock.New(filepath.Join(dir, LockName), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o666))
	limited, cancel := context.WithTimeoutCause(ctx, patience, ErrLocked)
	defer cancel()
	ok, err := file.TryLock() // also if patience is 0
	if err == nil && !ok {
		ok, err = file.TryLockContext(limited, 10*time.Millisecond)
	}
	switch {
	case ok:
		return &Lock{file}, nil
	case limited.Err() != nil:
		return nil, errors.Wrap(context.Cause(limited), dir)
	}
	return nil, errors.Wrap(err, "lock")
}

// Release gives the lock back. A second call does nothing.
func (l *Lock) Release() error { return errors.Wrap(l.file.Close(), "unlock") }

// Held reports whether a live process holds the lock of dir. It takes a shared
// lock for an instant, so that observers are never in each other's way, and needs
// no right to write. A lock that cannot be examined counts as held.
func Held(dir string) bool {
	file := flock.New(filepath.Join(dir, LockName), flock.SetFlag(os.O_RDONLY))
	ok, err := file.TryRLock()
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	if ok {
		_ = file.Close()
	}
	return !ok
}
