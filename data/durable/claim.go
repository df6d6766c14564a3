package durable

import (
	"crypto/rand"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/pkg/errors"
)

const (
	beat   = 5 * time.Second // between two renewals of a claim
	silent = 24 * beat       // a holder that has not renewed for so long is dead
)

// A claim is a lock made of files alone, for file systems without locks. The files
// are .lock.1, .lock.2 and so on: whoever creates the next one, exclusively, and then
// sees none higher holds the lock. The highest is never removed, so no number is used
// twice while anyone could still hold it, and two processes that find the same dead
// holder cannot both follow it.
type claim struct {
	dir    string
	number int
	holder holder

	mu      sync.Mutex
	renewed time.Time
	err     error // ErrLost
	done    chan struct{}
}

// holder is the content of a claim's file.
type holder struct {
	Place    string    `json:"place"` // host and, on Linux, namespace within which process numbers count
	Process  int       `json:"process"`
	Renewed  time.Time `json:"renewed"`
	Released bool      `json:"released"`
}

func claimName(number int) string { return LockName + "." + strconv.Itoa(number) }

func self() holder {
	host, err := os.Hostname()
	if err != nil {
		host = rand.Text() // then renewals alone tell who lives
	}
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return holder{Place: strings.TrimSpace(host + " " + namespace), Process: os.Getpid()}
}

// newClaim locks dir, or returns nil where a live process has locked it.
func newClaim(dir string) (*claim, error) {
	highest, err := highestClaim(dir)
	if err != nil {
		return nil, err
	}
	if highest > 0 && alive(filepath.Join(dir, claimName(highest))) {
		return nil, nil
	}
	c := &claim{dir: dir, number: highest + 1, holder: self(), done: make(chan struct{})}
	f, err := os.OpenFile(c.path(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, nil // another process was faster
	} else if err != nil {
		return nil, err
	}
	_ = f.Close()
	if err := c.write(); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // another process, with a higher number, has removed it
	} else if err != nil {
		_ = os.Remove(c.path()) // an empty file would look held for two minutes
		return nil, err
	}
	now, err := highestClaim(dir)
	if err != nil || now != c.number {
		_ = os.Remove(c.path())
		return nil, err
	}
	for old := 1; old < c.number; old++ {
		_ = os.Remove(filepath.Join(dir, claimName(old)))
	}
	go c.renew()
	return c, nil
}

func (c *claim) path() string { return filepath.Join(c.dir, claimName(c.number)) }

// write renews the claim. It overwrites in place and never makes the file anew: a
// lower number must not come back.
func (c *claim) write() error {
	c.holder.Renewed = time.Now().Round(0)
	content, err := json.Marshal(c.holder)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.path(), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(append(content, '\n'), 0) // never shorter than before, but for the release
	if err == nil {
		err = f.Truncate(int64(len(content)) + 1)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	c.renewed = c.holder.Renewed
	return err
}

func (c *claim) renew() {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-ticker.C:
			c.mu.Lock()
			c.look()
			c.mu.Unlock()
		}
	}
}

// look renews the claim, unless another process has taken it over.
func (c *claim) look() {
	if c.err != nil || c.holder.Released {
		return
	}
	if highest, err := highestClaim(c.dir); err == nil && highest > c.number {
		c.err = errors.Wrap(ErrLost, c.dir)
		return
	}
	_ = c.write() // a disk that is full or away: the next beat tries again
}

// check returns ErrLost if the claim was taken over. A process that was stopped, or a
// machine that slept, looks before it answers.
func (c *claim) check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.renewed) > 3*beat {
		c.look()
	}
	return c.err
}

// guarded is an FS for the holder of a claim alone.
type guarded struct {
	FS
	claim *claim
}

func (g guarded) MkdirAll(path string) error {
	if err := g.claim.check(); err != nil {
		return err
	}
	return g.FS.MkdirAll(path)
}

func (g guarded) Open(path string, flag int) (File, error) {
	if err := g.claim.check(); err != nil {
		return nil, err
	}
	f, err := g.FS.Open(path, flag)
	if err != nil {
		return nil, err
	}
	return guardedFile{f, g.claim}, nil
}

func (g guarded) Rename(from, to string) error {
	if err := g.claim.check(); err != nil {
		return err
	}
	return g.FS.Rename(from, to)
}

func (g guarded) Remove(path string) error {
	if err := g.claim.check(); err != nil {
		return err
	}
	return g.FS.Remove(path)
}

type guardedFile struct {
	File
	claim *claim
}

func (f guardedFile) WriteAt(p []byte, at int64) (int, error) {
	if err := f.claim.check(); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, at)
}

func (f guardedFile) Truncate(size int64) error {
	if err := f.claim.check(); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (c *claim) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holder.Released {
		return nil
	}
	c.holder.Released = true
	close(c.done)
	if c.err != nil {
		return nil
	}
	return c.write()
}

// highestClaim returns the highest number of a claim's file in dir, 0 for none.
func highestClaim(dir string) (int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	highest := 0
	for _, e := range entries {
		if digits, ok := strings.CutPrefix(e.Name(), LockName+"."); ok {
			if n, err := strconv.Atoi(digits); err == nil {
				highest = max(highest, n)
			}
		}
	}
	return highest, nil
}

// claimed reports whether a live process has a claim on dir.
func claimed(dir string) bool {
	highest, err := highestClaim(dir)
	return err != nil && !errors.Is(err, fs.ErrNotExist) || highest > 0 && alive(filepath.Join(dir, claimName(highest)))
}

// alive reports whether the holder of a claim's file lives. The renewals tell, so the
// clocks of two hosts may differ by a minute; where process numbers count, a process
// that is gone is dead at once.
func alive(path string) bool {
	content, err := ReadFile(path, 1<<12)
	var h holder
	if err == nil {
		err = json.Unmarshal(content, &h)
	}
	if err != nil { // it is being written, or its writer died while writing it
		info, err := os.Stat(path)
		return err != nil || time.Since(info.ModTime()) < silent
	}
	gone := h.Place == self().Place && !exists(h.Process)
	return !h.Released && !gone && time.Since(h.Renewed) < silent
}

func exists(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	err = p.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}
