// Package serve shows a results directory in a browser while runs train, and lets the
// reader play with a trained network. The page is that of package page; the server only
// reads. It answers three requests: the page, the stream of what changes, and what a
// network makes of a picture. It listens on this machine alone unless it is told
// otherwise, and takes no request that another site has made a browser send.
package serve

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/errors"
	"golang.org/x/net/netutil"

	"cnnlab/experiments/report/page"
	"cnnlab/experiments/trained"
)

// Limits on what clients may take.
const (
	maxConnections = 100
	maxListeners   = 30 // pages that follow the results at once
	maxHeader      = 16 << 10
	headerTimeout  = 5 * time.Second
	requestTimeout = 20 * time.Second
	idleTimeout    = 5 * time.Second
)

// DefaultAddress is where the server listens unless it is told otherwise.
const DefaultAddress = "127.0.0.1:7878"

// Viewing is what -serve and -page ask for.
type Viewing struct {
	Address string // where the server listens; empty: there is none
	Page    bool   // write the page as a file
}

// Flags declares the flags.
func (v *Viewing) Flags(fs *flag.FlagSet) {
	fs.BoolVar(&v.Page, "page", false, "instead of training, write index.html: all results in the directory on one page, for a browser")
	fs.BoolFunc("serve", "show that page at `[=ADDR]`, live while runs train, and let you play with the networks; with or without -exp (default "+DefaultAddress+")", func(s string) error {
		switch v.Address = s; s {
		case "true": // no value
			v.Address = DefaultAddress
		case "false":
			v.Address = ""
			return nil
		}
		if _, _, err := net.SplitHostPort(v.Address); err != nil {
			return errors.Errorf("want HOST:PORT, such as %s", DefaultAddress)
		}
		return nil
	})
}

// Server serves one results directory.
type Server struct {
	listener net.Listener
	host     string // that was asked for; empty for all
	moved    bool   // to another port than was asked for
	page     []byte
	hub      *hub
	player   *player
}

// New listens on address. If that is the default and taken, another port is. The page of
// the results in directory dir knows these steps; a network is built by the function for
// its experiment, and its data set is looked for under data.
func New(address, dir string, steps []page.Step, builders map[string]trained.Builder, data string) (*Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, errors.Wrap(err, "serve")
	}
	listener, err := net.Listen("tcp", address)
	moved := errors.Is(err, syscall.EADDRINUSE) && address == DefaultAddress
	if moved {
		listener, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, errors.Wrap(err, "serve")
	}
	var b bytes.Buffer
	if err := page.WriteLive(&b); err != nil {
		return nil, err
	}
	s := &Server{listener: listener, host: host, moved: moved, page: b.Bytes(), hub: newHub(page.NewResults(dir, steps))}
	s.player = newPlayer(s.hub, builders, data)
	return s, nil
}

// Announce says where the page is and, if others can reach it, warns.
func (s *Server) Announce(w io.Writer) {
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	if s.moved {
		fmt.Fprintf(w, "%s is in use, perhaps by another cnnlab; ", DefaultAddress)
	}
	fmt.Fprintf(w, "the page is at http://%s (Ctrl-C ends it)\n", net.JoinHostPort(host, port))
	if !s.loopback() {
		fmt.Fprintln(w, "warning: everyone who can reach this address can see the results and use the networks; there is no password")
	}
}

func (s *Server) loopback() bool {
	address, ok := s.listener.Addr().(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}

// Serve answers requests until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{
		Handler:           s.guard(s.handler()),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: requestTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		BaseContext:    func(net.Listener) context.Context { return ctx },
	}
	go s.hub.watch(ctx)
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	err := server.Serve(netutil.LimitListener(s.listener, maxConnections))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return errors.Wrap(err, "serve")
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(s.page)
	})
	mux.Handle("GET /events", s.hub)
	mux.Handle("POST /play", s.player)
	return mux
}

// guard refuses requests that a foreign page or a rebound name has made a browser send
// (the Host is not this server's, or the Origin is not the page's), and sets the headers
// of every answer.
func (s *Server) guard(next http.Handler) http.Handler {
	policy := page.Policy("'self'") + "; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
		switch {
		case !s.knows(r.Host):
			http.Error(w, fmt.Sprintf("this server is not %.100q; open it under the address that it printed", r.Host), http.StatusForbidden)
		case origin != "" && origin != "http://"+r.Host:
			http.Error(w, "requests from other sites are refused", http.StatusForbidden)
		case site != "" && site != "same-origin" && site != "none":
			http.Error(w, "requests from other sites are refused", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// knows reports whether a Host header names this server: by an address, which no foreign
// name can be rebound to, or by a name of this machine.
func (s *Server) knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || !s.loopback()
	}
	own := []string{"localhost", strings.ToLower(s.host)}
	if name, err := os.Hostname(); err == nil && !s.loopback() {
		own = append(own, strings.ToLower(name))
	}
	return host != "" && slices.Contains(own, host)
}
