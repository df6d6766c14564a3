package fetch

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// faults are those that a mirror may have, each with what is said of it.
var faults = map[string]struct {
	fault fault
	want  string
}{
	"403":           {status(403), "403 Forbidden, want 200 OK"},
	"404":           {status(404), "404 Not Found, want 200 OK"},
	"503":           {status(503), "503 Service Unavailable, want 200 OK"},
	"204":           {status(204), "204 No Content, want 200 OK"},
	"hang":          {hangAfter(0), "no data for 1s"},
	"hang half-way": {hangAfter(5000), "after 5000 of "},
	"redirect loop": {redirectLoop, "stopped after 10 redirects"},
	"HTML":          {html, "200 OK: a web page (text/html; charset=utf-8), want a file of "},
	"bit flipped":   {flip, "SHA-256 "},
	"one byte more": {oneByteMore, "200 OK: a file of "},
	"endless":       {endless, " bytes or more, want "},
	"short":         {short, "the server closed the connection early"},
	"cut":           {cut, "unexpected EOF"},
	"wrong range":   {wrongRange, `206 Partial Content: a range "bytes 0-`},
}

func TestDownloadGoesToTheNextMirror(t *testing.T) {
	for name, c := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			bad, good := newMirror(t, f, c.fault), newMirror(t, f, nil)
			f.Mirrors = []string{bad.url, good.url}
			l, _ := testLoader(t)
			var log bytes.Buffer
			d, err := l.fetch(t.Context(), &f.Set, Options{Log: &log})
			must(t, err)
			f.wantContents(t, d)
			if !strings.Contains(log.String(), c.want) {
				t.Errorf("log %q, want it to say %q", log.String(), c.want)
			}
		})
	}
}

func TestDownloadFailsWithoutAGoodMirror(t *testing.T) {
	for name, c := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			f.Mirrors = []string{newMirror(t, f, c.fault).url, newMirror(t, f, c.fault).url}
			l, cache := testLoader(t)
			_, err := l.fetch(t.Context(), &f.Set, Options{})
			wantError(t, err, c.want, f.Mirrors[0], f.Mirrors[1], "run the same command again to continue")
			if errors.Is(err, ErrUnavailable) {
				t.Errorf("%v is ErrUnavailable, though a host answered", err)
			}
			files, _ := filepath.Glob(filepath.Join(cache, "cnnlab", "tiny", "*.gz"))
			if len(files) > 0 {
				t.Errorf("%v under final names", files)
			}
		})
	}
}

func TestDownloadHappensOnceAndSaysItsSize(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	l, cache := testLoader(t)
	var log bytes.Buffer
	for range 2 {
		_, err := l.fetch(t.Context(), &f.Set, Options{Log: &log})
		must(t, err)
	}
	if n := len(m.requests()); n != 4 {
		t.Errorf("%d requests, want one for each file: %q", n, m.requests())
	}
	dir := filepath.Join(cache, "cnnlab", "tiny")
	first, _, _ := strings.Cut(log.String(), "\n")
	if want := "downloading Tiny, 47.3 kB, from " + host(m.url) + " into " + dir; first != want {
		t.Errorf("log begins %q, want %q", first, want)
	}
	if rest, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(rest) > 0 {
		t.Errorf("%v left behind", rest)
	}
}

// A server that cuts every answer at 60 %: the next command asks for the rest only.
func TestDownloadContinuesNextTime(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, cut)
	f.Mirrors = []string{m.url}
	l, cache := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	wantError(t, err, "run the same command again to continue")
	part := filepath.Join(cache, "cnnlab", "tiny", f.Files[0].Name+".part")
	have, err := os.ReadFile(part)
	must(t, err)
	if want := f.stored[0][:len(f.stored[0])*6/10]; !bytes.Equal(have, want) {
		t.Fatalf("%d bytes in .part, want the first %d of the file", len(have), len(want))
	}
	m.mend()
	_, err = l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	asked := m.requests()[1]
	if want := f.Files[0].Name + " bytes=" + strconv.Itoa(len(have)) + "-"; asked != want {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}

func TestDownloadStartsAnewIfTheServerKnowsNoRange(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{newMirror(t, f, cut).url, newMirror(t, f, noRange).url}
	l, _ := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
}

// Where the server starts anew, nothing is left of an earlier download to blame.
func TestDownloadAsksABadServerWithoutRangeOnce(t *testing.T) {
	f := newFixture()
	bad := newMirror(t, f, func(w http.ResponseWriter, _ *http.Request, b []byte) {
		noRange(w, nil, append([]byte{^b[0]}, b[1:]...))
	})
	f.Mirrors = []string{bad.url, newMirror(t, f, nil).url}
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, f.Files[0].Name+".part"), f.stored[0][:1000], 0o644))
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	if got := bad.requests(); len(got) != len(f.Files) {
		t.Errorf("requests %q, want one for each file", got)
	}
}

// What an earlier download left may be wrong, too long, or complete already.
func TestDownloadMistrustsAnEarlierPart(t *testing.T) {
	f := newFixture()
	size := len(f.stored[0])
	for name, c := range map[string]struct {
		part     []byte
		requests int // for the four files
	}{
		"garbage":          {bytes.Repeat([]byte{7}, 1000), 5},
		"too long":         {bytes.Repeat([]byte{7}, size+10), 4},
		"complete garbage": {bytes.Repeat([]byte{7}, size), 4},
		"complete":         {f.stored[0], 3},
		"empty":            {nil, 4},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture()
			m := newMirror(t, f, nil)
			f.Mirrors = []string{m.url}
			l, cache := testLoader(t)
			dir := filepath.Join(cache, "cnnlab", "tiny")
			must(t, os.MkdirAll(dir, 0o755))
			must(t, os.WriteFile(filepath.Join(dir, f.Files[0].Name+".part"), c.part, 0o644))
			_, err := l.fetch(t.Context(), &f.Set, Options{})
			must(t, err)
			if got := m.requests(); len(got) != c.requests {
				t.Errorf("requests %q, want %d", got, c.requests)
			}
		})
	}
}

func TestDownloadStopsWhenCancelled(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, hangAfter(5000))
	f.Mirrors = []string{m.url, m.url}
	l, cache := testLoader(t)
	l.stall = 1 << 40
	ctx, cancel := context.WithCancel(t.Context())
	part := filepath.Join(cache, "cnnlab", "tiny", f.Files[0].Name+".part")
	go func() {
		for info, err := os.Stat(part); err != nil || info.Size() < 5000; info, err = os.Stat(part) {
			if t.Context().Err() != nil {
				return
			}
		}
		cancel()
	}()
	_, err := l.fetch(ctx, &f.Set, Options{})
	wantError(t, err, "run the same command again to continue the download")
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if info, err := os.Stat(part); err != nil || info.Size() != 5000 {
		t.Errorf(".part: %v, %v, want 5000 bytes", info, err)
	}
}

func TestDownloadAsksNoOtherMirrorIfTheDiskFails(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url, m.url}
	l, cache := testLoader(t)
	part := filepath.Join(cache, "cnnlab", "tiny", f.Files[0].Name+".part")
	must(t, os.MkdirAll(part, 0o755)) // a directory where a file should be
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	wantError(t, err, part)
	if errors.Is(err, ErrUnavailable) || len(m.requests()) > 0 {
		t.Errorf("error %v after requests %q", err, m.requests())
	}
}
