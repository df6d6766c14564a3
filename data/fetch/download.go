package fetch

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"
)

// download downloads files into dir. Each takes its final name only when its
// checksum is right; until then it is a .part, which the next download continues, of
// this process or of a later one.
func (l *loader) download(ctx context.Context, files []File, dir string) error {
	var total int64
	for _, f := range files {
		total += f.Size
	}
	if total == 0 {
		return nil
	}
	fmt.Fprintf(l.log, "downloading %s, %s, from %s into %s\n", l.Title, amount(total), host(l.Mirrors[0]), dir)
	shown := newProgress(l.log, l.Name, total)
	defer shown.close()
	for _, f := range files {
		if err := l.downloadFile(ctx, f, dir, shown); err != nil {
			return err
		}
		shown.finished += f.Size
	}
	shown.done()
	return nil
}

// downloadFile downloads a file from the first mirror that gives it complete and right.
// Each mirror continues where the one before broke off.
func (l *loader) downloadFile(ctx context.Context, f File, dir string, shown *progress) error {
	p, err := openPart(l.disk, dir, f.Member)
	if err != nil {
		return err
	}
	defer p.close()
	var reasons []string
	for _, mirror := range l.Mirrors {
		err := l.fromMirror(ctx, mirror+f.Name, p, shown)
		if err == nil {
			return p.commit()
		}
		if ctx.Err() != nil || errors.As(err, new(diskError)) {
			return err
		}
		shown.say("%s", err)
		reasons = append(reasons, err.Error())
	}
	return errors.Errorf("%s: %d of %d bytes downloaded; no mirror delivered the right file (%s); run the same command again to continue",
		f.Name, p.have, f.Size, strings.Join(reasons, "; "))
}

// fromMirror tries one mirror, and tries it again if the fault may lie in the bytes that
// were here before.
func (l *loader) fromMirror(ctx context.Context, address string, p *part, shown *progress) error {
	p.inherited = p.have
	for {
		if p.have < p.Size {
			// a transfer that fails when all bytes are here does no harm
			if err := l.transfer(ctx, address, p, shown); err != nil && p.have != p.Size {
				return err
			}
		}
		wrong := p.verify()
		if wrong == nil || errors.As(wrong, new(diskError)) {
			return wrong
		}
		inherited := p.inherited
		if err := p.restart(); err != nil {
			return err
		}
		if inherited == 0 {
			return errors.WithMessage(wrong, address)
		}
		shown.say("%s: %s, after %d bytes of an earlier download; starting again", address, wrong, inherited)
	}
}

// transfer requests the bytes that p lacks and appends them, at most one too many. It
// returns nil when p has at least its size; the caller checks whether they are right. It
// gives up when no byte comes for l.stall.
func (l *loader) transfer(ctx context.Context, address string, p *part, shown *progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := time.AfterFunc(l.stall, func() { cancel(errors.Errorf("no data for %s", l.stall)) })
	defer alive.Stop()
	p.heard = func() {
		alive.Reset(l.stall)
		shown.show(p.have)
	}
	err := l.request(ctx, address, p)
	if err == nil || errors.As(err, new(diskError)) {
		return err
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return errors.WithMessagef(err, "%s: after %d of %d bytes", address, p.have, p.Size)
}

// request makes one request and copies its body to p.
func (l *loader) request(ctx context.Context, address string, p *part) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // the bytes as they are stored
	if p.have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.have))
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	p.heard()
	if err := accept(resp, p); err != nil {
		return err
	}
	if _, err := io.Copy(p, io.LimitReader(resp.Body, p.Size-p.have+1)); err != nil {
		return err
	}
	if p.have < p.Size {
		return errors.New("the server closed the connection early")
	}
	return nil
}

// accept refuses an answer that cannot be the file before any byte of it is stored, and
// restarts p if the answer is the whole file.
func accept(resp *http.Response, p *part) error {
	if kind := resp.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		return errors.Errorf("%s: a web page (%s), want a file of %d bytes",
			resp.Status, kind, p.Size)
	}
	switch resp.StatusCode {
	case http.StatusOK: // the whole file, even if a range was asked for
		if resp.ContentLength >= 0 && resp.ContentLength != p.Size {
			return errors.Errorf("%s: a file of %d bytes, want %d", resp.Status, resp.ContentLength, p.Size)
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

// online returns nil as soon as it is connected to the host of any mirror. One limit,
// l.connect, holds for all of them together.
func (l *loader) online(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.connect)
	defer cancel()
	answers := make(chan error, len(l.Mirrors))
	for _, m := range l.Mirrors {
		go func() { answers <- l.probe(ctx, m) }()
	}
	var reasons []string
	for range l.Mirrors {
		err := <-answers
		if err == nil {
			return nil
		}
		reasons = append(reasons, err.Error())
	}
	return errors.Errorf("no host could be reached within %s (%s)", l.connect, strings.Join(reasons, "; "))
}

// probe returns nil once there is a connection to the host, through a proxy and the TLS
// handshake if these are needed. A host with a wrong certificate did answer: the download
// will tell what is wrong with it.
func (l *loader) probe(ctx context.Context, address string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			connected.Store(true)
			cancel()
		},
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return err
	}
	resp, err := l.client.Do(req)
	if err == nil {
		return resp.Body.Close()
	}
	var certificate *tls.CertificateVerificationError
	if connected.Load() || errors.As(err, &certificate) {
		return nil
	}
	return errors.WithMessage(withoutURL(err), host(address))
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// withoutURL removes the address, which the caller's message has already.
func withoutURL(err error) error {
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
