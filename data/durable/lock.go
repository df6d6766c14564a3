package durable

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"
)

// ErrLocked is in the chain of the error for a directory that another live process
// has locked. The lock of a dead process is released by the system or, where files
// cannot be locked, taken over.
var ErrLocked = errors.New("locked by another live process")

// ErrLost is in the chain of the error for a lock that another process took over
// because this one seemed dead. It occurs only where files cannot be locked.
var ErrLost = errors.New("another process has taken over the lock of this one, which seemed dead")

// LockName is the file that is locked. It is never removed: then two processes
// could each lock a file of this name.
const LockName = ".lock"

// Lock is a lock on a directory, held by this process.
type Lock struct {
	file  *flock.Flock
	claim *claim // in place of file, where files cannot be locked
}

// Acquire locks dir. It waits at most patience for another holder, then returns
// ErrLocked; if ctx ends first it returns the cause of that.
func Acquire(ctx context.Context, dir string, patience time.Duration) (*Lock, error) {
	limited, cancel := context.WithTimeoutCause(ctx, patience, ErrLocked)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		lock, err := try(dir)
		if err != nil {
			return nil, errors.Wrap(err, "lock")
		} else if lock != nil {
			return lock, nil
		}
		select {
		case <-limited.Done():
			return nil, errors.Wrap(context.Cause(limited), dir)
		case <-time.After(pause):
		}
	}
}

// try locks dir at once, or returns nil where another process has locked it.
func try(dir string) (*Lock, error) {
	file := flock.New(filepath.Join(dir, LockName), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o666))
	ok, err := locked(file.TryLock)
	if noLocks(err) {
		_ = file.Close()
		notice(dir, "the file system cannot lock files ("+Cause(err).Error()+"): the file "+claimName(1)+" names the process that holds the directory instead, and is renewed every "+beat.String())
		claim, err := newClaim(dir)
		if claim == nil || err != nil {
			return nil, err
		}
		return &Lock{claim: claim}, nil
	}
	if ok {
		return &Lock{file: file}, nil
	}
	return nil, err
}

// Release gives the lock back. A second call does nothing.
func (l *Lock) Release() error {
	if l.claim != nil {
		return errors.Wrap(l.claim.release(), "unlock")
	}
	return errors.Wrap(l.file.Close(), "unlock")
}

// Guard returns fsys, whose changes fail with ErrLost once this process no longer
// holds the lock.
func (l *Lock) Guard(fsys FS) FS {
	if l.claim == nil {
		return fsys // the system gives its lock to nobody else
	}
	return guarded{fsys, l.claim}
}

// Held reports whether a live process holds the lock of dir. It takes a shared
// lock for an instant, so that observers are never in each other's way, and needs
// no right to write. A lock that cannot be examined counts as held.
func Held(dir string) bool {
	file := flock.New(filepath.Join(dir, LockName), flock.SetFlag(os.O_RDONLY))
	ok, err := locked(file.TryRLock)
	if noLocks(err) {
		_ = file.Close()
		return claimed(dir)
	}
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	if ok {
		_ = file.Close()
	}
	return !ok
}

// locked calls the system's lock; tests replace it to fake a file system without.
var locked = func(lock func() (bool, error)) (bool, error) { return lock() }

// noLocks reports whether err means that the file system has no locks.
func noLocks(err error) bool {
	return errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP)
}
