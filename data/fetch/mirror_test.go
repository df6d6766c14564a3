package fetch

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// mirror is a server on loopback that has the files of a fixture and, if fault
// is set, answers in its own way.
type mirror struct {
	url   string
	mu    sync.Mutex
	asked []string // "<file> <Range>" of each GET
	fault fault
}

// fault answers a request for the file b.
type fault func(w http.ResponseWriter, r *http.Request, b []byte)

func newMirror(t *testing.T, f *fixture, fault fault) *mirror {
	t.Helper()
	m := &mirror{fault: fault}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			return
		}
		name := path.Base(r.URL.Path)
		m.mu.Lock()
		m.asked = append(m.asked, name+" "+r.Header.Get("Range"))
		fault := m.fault
		m.mu.Unlock()
		i := slices.IndexFunc(f.Files, func(f File) bool { return f.Name == name })
		if fault == nil {
			fault = whole
		}
		fault(w, r, f.stored[i])
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // faults end handlers by a panic
	t.Cleanup(func() {
		server.CloseClientConnections() // ends the faults that hang
		server.Close()
	})
	m.url = server.URL + "/set/"
	return m
}

// requests is what was asked for so far.
func (m *mirror) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

// mend makes the faults end.
func (m *mirror) mend() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = nil
}

// whole is no fault: it serves b, and ranges of it.
func whole(w http.ResponseWriter, r *http.Request, b []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}

func status(code int) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(code) }
}

// cut breaks the connection off after 60 % of what was asked for.
func cut(w http.ResponseWriter, r *http.Request, b []byte) {
	if from := r.Header.Get("Range"); from != "" {
		var start int
		_, _ = fmt.Sscanf(from, "bytes=%d-", &start)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, len(b)-1, len(b)))
		b = b[start:]
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		w.WriteHeader(http.StatusPartialContent)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	send(w, b[:len(b)*6/10])
	panic(http.ErrAbortHandler)
}

// hangAfter sends a part of b and then nothing more, keeping the connection.
func hangAfter(n int) fault {
	return func(w http.ResponseWriter, r *http.Request, b []byte) {
		if n > 0 {
			send(w, b[:min(n, len(b))])
		}
		<-r.Context().Done()
	}
}

// noRange gives the whole file, whatever was asked for.
func noRange(w http.ResponseWriter, _ *http.Request, b []byte) { send(w, b) }

// wrongRange answers from the first byte and says so.
func wrongRange(w http.ResponseWriter, _ *http.Request, b []byte) {
	w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(b)-1, len(b)))
	w.WriteHeader(http.StatusPartialContent)
	send(w, b)
}

func redirectLoop(w http.ResponseWriter, r *http.Request, _ []byte) {
	http.Redirect(w, r, r.URL.Path, http.StatusFound)
}

func html(w http.ResponseWriter, _ *http.Request, _ []byte) {
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><body>please log in</body></html>")
}

func flip(w http.ResponseWriter, r *http.Request, b []byte) {
	b = bytes.Clone(b)
	b[len(b)*9/10] ^= 1
	whole(w, r, b)
}

func oneByteMore(w http.ResponseWriter, r *http.Request, b []byte) {
	whole(w, r, append(bytes.Clone(b), 0))
}

// endless announces no length and goes on until the client has had enough.
func endless(w http.ResponseWriter, _ *http.Request, b []byte) {
	for send(w, b) {
	}
}

// short announces no length and stops early without an error.
func short(w http.ResponseWriter, _ *http.Request, b []byte) { send(w, b[:len(b)/2]) }

func send(w http.ResponseWriter, b []byte) bool {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/octet-stream")
	}
	_, err := w.Write(b)
	w.(http.Flusher).Flush()
	return err == nil
}

// refused is the URL of a port on which nobody listens.
func refused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	return "http://" + l.Addr().String() + "/"
}
