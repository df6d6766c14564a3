package data

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// transfer asks address for the bytes that p lacks and appends them. It returns nil
// when p has at least as many bytes as it should; whether they are right is for
// the caller to see. It takes at most one byte too many, and gives up when none
// came for the time that l.stall allows.
func (l *loader) transfer(ctx context.Context, address string, p *part, shown *progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := time.AfterFunc(l.stall, func() {
		cancel(errors.Errorf("no byte came for %s", l.stall))
	})
	defer alive.Stop()
	err := l.request(ctx, address, p, func() {
		alive.Reset(l.stall)
		shown.show(p.have)
	})
	if err == nil || errors.As(err, new(diskError)) {
		return err
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return errors.WithMessagef(err, "%s: after %d of %d bytes", address, p.have, p.size)
}

// request makes one request and copies its body to p, calling heard whenever
// something came.
func (l *loader) request(ctx context.Context, address string, p *part, heard func()) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // the stored bytes, not a form of them
	if p.have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.have))
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	heard()
	if err := accept(resp, p); err != nil {
		return err
	}
	body := io.LimitReader(resp.Body, p.size-p.have+1)
	if _, err := io.Copy(p, &monitor{body, heard}); err != nil {
		return err
	}
	if p.have < p.size {
		return errors.New("the server ended its answer early")
	}
	return nil
}

// accept refuses an answer that cannot be the file, before a byte of it is
// stored, and makes p start anew if the answer is the whole file.
func accept(resp *http.Response, p *part) error {
	if kind := resp.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		return errors.Errorf("%s: a web page (%s, %d bytes), want a file of %d bytes",
			resp.Status, kind, resp.ContentLength, p.size)
	}
	switch resp.StatusCode {
	case http.StatusOK: // all of it, be it that the server knows no Range
		if resp.ContentLength >= 0 && resp.ContentLength != p.size {
			return errors.Errorf("%s: a file of %d bytes, want %d", resp.Status, resp.ContentLength, p.size)
		}
		return p.restart()
	case http.StatusPartialContent:
		from := resp.Header.Get("Content-Range")
		if p.have == 0 || !strings.HasPrefix(from, fmt.Sprintf("bytes %d-", p.have)) {
			return errors.Errorf("%s: a range %q, want it from byte %d", resp.Status, from, p.have)
		}
		return nil
	}
	return errors.Errorf("%s, want 200 OK", resp.Status)
}

// withoutURL takes off the address, which the caller's message has already.
func withoutURL(err error) error {
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// monitor calls heard after every read that gave something.
type monitor struct {
	io.Reader
	heard func()
}

func (m *monitor) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if n > 0 {
		m.heard()
	}
	return n, err
}
