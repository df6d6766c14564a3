// Package durabletest makes the operations of a durable.FS fail, one after the
// other, and counts what tests of faults have tried. Only tests import it.
package durabletest

import (
	"cmp"
	"fmt"
	"os"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// ErrInjected is the error of an operation that Failing makes fail.
var ErrInjected = errors.New("injected fault")

// Failing is a disk whose At-th operation fails, as does, with Persist, every
// later one that needs room. Nothing is really synced: that would take most of a
// test's time.
type Failing struct {
	durable.Disk
	At      int     // counts from 1; 0: none fails
	Persist bool    // the disk stays full; else it recovers
	Part    float64 // of its bytes that a failing write leaves, 0..1

	N      int    // operations so far
	Failed string // the operation that failed first; empty: none
}

// hit counts an operation, which needs room on the disk or does not: a full disk
// still lets files be read, removed and shortened.
func (f *Failing) hit(operation string, room bool) error {
	f.N++
	if f.N != f.At && !(f.Persist && room && f.N > f.At) {
		return nil
	}
	if f.Failed == "" {
		f.Failed = operation
	}
	return ErrInjected
}

func (f *Failing) try(operation string, room bool, do func() error) error {
	if err := f.hit(operation, room); err != nil {
		return err
	}
	return do()
}

// MkdirAll implements durable.FS.
func (f *Failing) MkdirAll(path string) error {
	return f.try("mkdir", true, func() error { return f.Disk.MkdirAll(path) })
}

// Open implements durable.FS.
func (f *Failing) Open(path string, flag int) (durable.File, error) {
	if err := f.hit("open", true); err != nil {
		return nil, err
	}
	to, err := f.Disk.Open(path, flag)
	if err != nil {
		return nil, err
	}
	return &failingFile{File: to, on: f}, nil
}

// Rename implements durable.FS.
func (f *Failing) Rename(from, to string) error {
	return f.try("rename", true, func() error { return f.Disk.Rename(from, to) })
}

// Remove implements durable.FS.
func (f *Failing) Remove(path string) error {
	return f.try("remove", false, func() error { return f.Disk.Remove(path) })
}

// SyncDir implements durable.FS.
func (f *Failing) SyncDir(string) error { return f.hit("sync of a directory", true) }

type failingFile struct {
	durable.File
	on     *Failing
	closed bool
}

func (f *failingFile) ReadAt(p []byte, offset int64) (int, error) {
	if err := f.on.hit("read", false); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, offset)
}

func (f *failingFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.on.hit("write", true); err != nil {
		n, _ := f.File.WriteAt(p[:int(f.on.Part*float64(len(p)))], offset)
		return n, err
	}
	return f.File.WriteAt(p, offset)
}

func (f *failingFile) Truncate(size int64) error {
	return f.on.try("truncate", false, func() error { return f.File.Truncate(size) })
}

func (f *failingFile) Sync() error { return f.on.hit("sync", true) }

func (f *failingFile) Close() error {
	err := f.File.Close()
	if f.closed {
		return err // closing twice is no operation
	}
	f.closed = true
	return cmp.Or(f.on.hit("close", true), err)
}

// tally is what the tests of one package have survived.
var tally struct {
	sync.Mutex
	lines []string
}

// Survived records that a fault was made n times. A test that has failed has not
// survived it.
func Survived(t *testing.T, fault string, n int) {
	t.Helper()
	outcome := "all survived: 0 lost, 0 wrong"
	if t.Failed() {
		outcome = "FAILED"
	}
	tally.Lock()
	defer tally.Unlock()
	tally.lines = append(tally.lines, fmt.Sprintf("%s\t%d\t%s", fault, n, outcome))
}

// Main runs the tests of a package and, under -v, prints the table of what they
// have survived.
func Main(m *testing.M) {
	code := m.Run()
	if testing.Verbose() && tally.lines != nil {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "fault\ttried\toutcome")
		for _, line := range tally.lines {
			fmt.Fprintln(w, line)
		}
		_ = w.Flush()
	}
	os.Exit(code)
}
