package data

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"
)

// reach returns the index of the first mirror that a connection can be made to.
// One limit holds for all of them together: they are tried in their order, the
// next one as soon as the last one failed or has taken a quarter of the limit.
func (l *loader) reach(ctx context.Context, mirrors []string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, l.connect)
	defer cancel()
	type answer struct {
		mirror int
		err    error
	}
	answers := make(chan answer, len(mirrors))
	started, pending := 0, 0
	start := func() {
		if mirror := started; mirror < len(mirrors) {
			started, pending = started+1, pending+1
			go func() { answers <- answer{mirror, l.probe(ctx, mirrors[mirror])} }()
		}
	}
	patience := time.NewTicker(l.connect / 4)
	defer patience.Stop()
	var reasons []string
	for start(); pending > 0; {
		select {
		case a := <-answers:
			if a.err == nil {
				return a.mirror, nil
			}
			pending--
			reasons = append(reasons, a.err.Error())
			start()
		case <-patience.C:
			start()
		}
	}
	return 0, errors.Errorf("no host could be reached within %s (%s)", l.connect, strings.Join(reasons, "; "))
}

// probe returns nil once there is a connection to the host, through the proxy
// and the TLS handshake if these are needed. A host whose certificate is wrong
// did answer: the download will say what is wrong with it.
func (l *loader) probe(ctx context.Context, url string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			connected.Store(true)
			cancel()
		},
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
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
	return errors.WithMessage(withoutURL(err), host(url))
}
