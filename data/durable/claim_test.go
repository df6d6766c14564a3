package durable

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pkg/errors"
)

// withoutLocks makes the system refuse every lock, as Lustre without -o flock does,
// and returns what was said.
func withoutLocks(t *testing.T, refusal error) *[]string {
	var said []string
	lock, print := locked, say
	locked = func(func() (bool, error)) (bool, error) { return false, refusal }
	say = func(message string) { said = append(said, message) }
	noticed.Clear()
	t.Cleanup(func() { locked, say = lock, print })
	return &said
}

func TestWithoutLocksADirectoryIsClaimedByFiles(t *testing.T) {
	for _, refusal := range []error{syscall.ENOSYS, syscall.ENOLCK, syscall.EOPNOTSUPP} {
		said := withoutLocks(t, &os.PathError{Op: "flock", Path: "x", Err: refusal})
		dir := t.TempDir()
		for range 3 {
			held, err := Acquire(t.Context(), dir, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Acquire(t.Context(), dir, 30*time.Millisecond); !errors.Is(err, ErrLocked) {
				t.Errorf("a second holder: error %v, want ErrLocked", err)
			}
			if !Held(dir) {
				t.Error("a held lock looks free")
			}
			for range 2 {
				if err := held.Release(); err != nil {
					t.Fatal(err)
				}
			}
			if Held(dir) {
				t.Error("a free lock looks held")
			}
		}
		if files, _ := filepath.Glob(filepath.Join(dir, ".lock*")); len(files) != 1 {
			t.Errorf("files %q, want one claim", files)
		}
		if len(*said) != 1 {
			t.Errorf("said %q, want one line", *said)
		}
	}
}

func TestAnotherRefusalOfTheLockIsAnError(t *testing.T) {
	withoutLocks(t, syscall.EIO)
	if _, err := Acquire(t.Context(), t.TempDir(), 0); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v, want %v", err, syscall.EIO)
	}
}

func writeClaim(t *testing.T, dir string, number int, h holder) {
	content, err := json.Marshal(h)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, claimName(number)), content, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheClaimOfADeadHolderIsTakenOver(t *testing.T) {
	withoutLocks(t, syscall.ENOSYS)
	me := self()
	for name, c := range map[string]struct {
		holder holder
		dead   bool
	}{
		"a process of this host that is gone": {holder{Place: me.Place, Process: 1 << 29, Renewed: time.Now()}, true},
		"this process":                        {holder{Place: me.Place, Process: me.Process, Renewed: time.Now()}, false},
		"its number, used again":              {holder{Place: me.Place, Process: me.Process, Renewed: time.Now().Add(-silent)}, true},
		"another host":                        {holder{Place: "other", Process: 1 << 29, Renewed: time.Now().Add(-silent / 2)}, false},
		"another host, silent":                {holder{Place: "other", Process: 1 << 29, Renewed: time.Now().Add(-silent)}, true},
		"released":                            {holder{Place: "other", Renewed: time.Now(), Released: true}, true},
	} {
		dir := t.TempDir()
		writeClaim(t, dir, 7, c.holder)
		if Held(dir) == c.dead {
			t.Errorf("%s: Held is %v", name, Held(dir))
		}
		lock, err := Acquire(t.Context(), dir, 0)
		if c.dead && err != nil || !c.dead && !errors.Is(err, ErrLocked) {
			t.Errorf("%s: error %v", name, err)
		}
		if err == nil {
			_ = lock.Release()
		}
	}
	for age, dead := range map[time.Duration]bool{0: false, silent: true} { // killed while it wrote
		dir := t.TempDir()
		path := filepath.Join(dir, claimName(1))
		if err := os.WriteFile(path, []byte(`{"place":`), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
		if Held(dir) == dead {
			t.Errorf("half a claim %v old: Held is %v", age, Held(dir))
		}
	}
}

// Sixteen goroutines find the same dead holder; one at a time may follow it.
func TestOnlyOneFollowsADeadHolder(t *testing.T) {
	withoutLocks(t, syscall.ENOSYS)
	for range 10 {
		dir := t.TempDir()
		writeClaim(t, dir, 1, holder{Place: "other", Renewed: time.Now().Add(-silent)})
		var inside, most atomic.Int32
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				lock, err := Acquire(t.Context(), dir, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n > 1 {
					most.Store(n)
				}
				time.Sleep(100 * time.Microsecond)
				inside.Add(-1)
				if err := lock.Release(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != 0 {
			t.Fatalf("%d held the lock at once", most.Load())
		}
	}
}

func TestAHolderThatSeemedDeadChangesNothingMore(t *testing.T) {
	withoutLocks(t, syscall.ENOSYS)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		lock, err := Acquire(t.Context(), dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		fsys := lock.Guard(Disk{})
		file, err := fsys.Open(filepath.Join(dir, "rows"), os.O_RDWR|os.O_CREATE)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * silent) // it renews itself
		if _, err := file.WriteAt([]byte("mine"), 0); err != nil {
			t.Errorf("a holder that lives: %v", err)
		}
		writeClaim(t, dir, lock.claim.number+1, holder{Place: "other", Renewed: time.Now()})
		time.Sleep(2 * beat)
		_, written := file.WriteAt([]byte("lost"), 0)
		_, opened := fsys.Open(filepath.Join(dir, "more"), os.O_RDWR|os.O_CREATE)
		for what, err := range map[string]error{
			"WriteAt": written, "Truncate": file.Truncate(0), "Open": opened, "Remove": fsys.Remove(filepath.Join(dir, "rows")),
			"Rename": fsys.Rename(filepath.Join(dir, "rows"), filepath.Join(dir, "x")), "MkdirAll": fsys.MkdirAll(filepath.Join(dir, "d")),
		} {
			if !errors.Is(err, ErrLost) {
				t.Errorf("%s: error %v, want ErrLost", what, err)
			}
		}
		if content, err := os.ReadFile(filepath.Join(dir, "rows")); string(content) != "mine" {
			t.Errorf("rows hold %q, %v", content, err)
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
		if !Held(dir) {
			t.Error("the release of a lost lock released the new holder's")
		}
		_ = file.Close()
	})
}

func TestADirectoryThatCannotBeSyncedIsSaidOnce(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("there is no /proc, which refuses to be synced")
	}
	said := withoutLocks(t, nil)
	for range 2 {
		if err := (Disk{}).SyncDir("/proc/self"); err != nil {
			t.Error(err)
		}
	}
	if len(*said) != 1 {
		t.Errorf("said %q, want one line", *said)
	}
}
