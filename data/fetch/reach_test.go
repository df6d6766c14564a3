package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNoHostIsUnavailableAndCreatesNothing(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{refused(t), refused(t)}
	l, cache := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	wantError(t, err, "no host could be reached", host(f.Mirrors[0]), host(f.Mirrors[1]),
		"put these files", filepath.Join(cache, "cnnlab", "tiny"), f.Mirrors[1]+f.Files[3].Name)
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is not ErrUnavailable", err)
	}
	if entries, _ := os.ReadDir(cache); len(entries) > 0 {
		t.Errorf("%v created", entries)
	}
}

// silence makes connections to the address of a mirror never come about.
func silence(l *loader, hosts ...string) {
	var dialer net.Dialer
	l.client.Transport = &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			for _, h := range hosts {
				if h == address {
					<-ctx.Done()
					return nil, ctx.Err()
				}
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
}

// By a clock of the test's own, which a loaded machine does not slow down.
func TestOneLimitHoldsForAllMirrors(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{"http://a.example:80/", "http://b.example:80/", "http://c.example:80/", "http://d.example:80/"}
	l, _ := testLoader(t)
	silence(l, "a.example:80", "b.example:80", "c.example:80", "d.example:80")
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := l.fetch(t.Context(), &f.Set, Options{})
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v is not ErrUnavailable", err)
		}
		if took := time.Since(began); took != l.connect {
			t.Errorf("%d mirrors took %s, want %s", len(f.Mirrors), took, l.connect)
		}
	})
}

func TestAMirrorThatDoesNotAnswerIsPassedOver(t *testing.T) {
	f := newFixture()
	good := newMirror(t, f, nil)
	f.Mirrors = []string{"http://a.example:80/", refused(t), good.url}
	l, _ := testLoader(t)
	silence(l, "a.example:80")
	var log bytes.Buffer
	_, err := l.fetch(t.Context(), &f.Set, Options{Log: &log})
	must(t, err)
	if want := "no data for 1s"; !strings.Contains(log.String(), want) || len(good.requests()) != 4 {
		t.Errorf("log %q, want it to say %q", log.String(), want)
	}
}

func TestCancelledIsNotUnavailable(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{"http://a.example:80/"}
	l, _ := testLoader(t)
	silence(l, "a.example:80")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.fetch(ctx, &f.Set, Options{}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// A host that shows a certificate we do not trust was reached.
func TestAWrongCertificateIsNotUnavailable(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	f := newFixture()
	f.Mirrors = []string{server.URL + "/"}
	l, _ := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	wantError(t, err, "certificate", "no mirror delivered the right file")
	if errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is ErrUnavailable", err)
	}
}

// A proxy that lets nobody out is no host that answers.
func TestAProxyThatRefusesIsUnavailable(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	must(t, err)
	f := newFixture()
	f.Mirrors = []string{"https://a.example/"}
	l, _ := testLoader(t)
	l.client.Transport = &http.Transport{Proxy: http.ProxyURL(address)}
	if _, err := l.fetch(t.Context(), &f.Set, Options{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is not ErrUnavailable", err)
	}
}
