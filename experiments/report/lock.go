package report

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"
)

// ErrLocked is the cause of the error for a run that another live process
// holds. The lock of a dead process frees itself.
var ErrLocked = errors.New("held by another live process")

// lockName is the file that is locked; it is never removed, since that would
// let two processes lock two files of one name.
const lockName = ".lock"

const (
	lockPause = 10 * time.Millisecond
	// lockPatience outlasts the instants in which held looks at a free lock.
	lockPatience = 200 * time.Millisecond
	// mergePatience is how long one merge waits for another.
	mergePatience = time.Minute
)

// lock takes the lock of dir, waiting up to patience for whoever has it.
func lock(dir string, patience time.Duration) (*flock.Flock, error) {
	l := flock.New(filepath.Join(dir, lockName),
		flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o666))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ok, err := l.TryLockContext(ctx, lockPause)
	switch {
	case ok:
		return l, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, errors.Wrap(ErrLocked, dir)
	default:
		return nil, errors.Wrap(err, "lock")
	}
}

// held reports whether a live process holds the lock of dir. It takes a shared
// lock for an instant, so that lookers are never in each other's way, and it
// needs no right to write. A lock that cannot be looked at counts as held.
func held(dir string) bool {
	l := flock.New(filepath.Join(dir, lockName), flock.SetFlag(os.O_RDONLY))
	ok, err := l.TryRLock()
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	if ok {
		_ = l.Close()
	}
	return !ok
}
