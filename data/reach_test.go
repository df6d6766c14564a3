package data

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
	f.mirrors = []string{refused(t), refused(t)}
	l, cache := testLoader(t)
	_, err := f.load(t.Context(), l, Options{})
	wantError(t, err, "no host could be reached", host(f.mirrors[0]), host(f.mirrors[1]),
		"put these files", filepath.Join(cache, "cnnlab", "tiny"), f.mirrors[1]+f.files[3].name)
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
	f.mirrors = []string{"http://a.example:80/", "http://b.example:80/", "http://c.example:80/", "http://d.example:80/"}
	l, _ := testLoader(t)
	silence(l, "a.example:80", "b.example:80", "c.example:80", "d.example:80")
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := f.load(t.Context(), l, Options{})
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v is not ErrUnavailable", err)
		}
		if took := time.Since(began); took != l.connect {
			t.Errorf("%d mirrors took %s, want %s", len(f.mirrors), took, l.connect)
		}
	})
}

func TestAMirrorThatAnswersGoesFirst(t *testing.T) {
	f := newFixture()
	good := newMirror(t, f, nil)
	f.mirrors = []string{"http://a.example:80/", refused(t), good.url}
	l, _ := testLoader(t)
	l.connect = 2 * time.Second
	silence(l, "a.example:80")
	var log bytes.Buffer
	_, err := f.load(t.Context(), l, Options{Log: &log})
	must(t, err)
	if want := "from " + host(good.url) + " into "; !strings.Contains(log.String(), want) {
		t.Errorf("log %q, want it to say %q", log.String(), want)
	}
}

func TestCancelledIsNotUnavailable(t *testing.T) {
	f := newFixture()
	f.mirrors = []string{"http://a.example:80/"}
	l, _ := testLoader(t)
	silence(l, "a.example:80")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.load(ctx, l, Options{}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
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
	f.mirrors = []string{server.URL + "/"}
	l, _ := testLoader(t)
	_, err := f.load(t.Context(), l, Options{})
	wantError(t, err, "certificate", "no mirror gave it whole and right")
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
	f.mirrors = []string{"https://a.example/"}
	l, _ := testLoader(t)
	l.client.Transport = &http.Transport{Proxy: http.ProxyURL(address)}
	if _, err := f.load(t.Context(), l, Options{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is not ErrUnavailable", err)
	}
}
