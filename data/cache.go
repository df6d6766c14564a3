package data

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
)

// loader is what Load reaches the outside by; tests put their own in its place.
type loader struct {
	client  *http.Client
	disk    fileSystem
	connect time.Duration // for looking up and connecting to any mirror at all
	stall   time.Duration // without a byte, until a try is given up
	cache   func() (string, error)
	getenv  func(string) string
}

// newLoader is the loader of the real world.
func newLoader() *loader {
	return &loader{
		client: &http.Client{Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: 10 * time.Second,
		}},
		disk:    disk{},
		connect: 4 * time.Second,
		stall:   30 * time.Second,
		cache:   os.UserCacheDir,
		getenv:  os.Getenv,
	}
}

// unavailable is an error that is ErrUnavailable, with the help that it needs.
type unavailable struct {
	cause error
	help  string
}

func (u *unavailable) Error() string        { return fmt.Sprintf("%s; %s", u.cause, u.help) }
func (u *unavailable) Unwrap() error        { return u.cause }
func (u *unavailable) Is(target error) bool { return target == ErrUnavailable }

// fromCache reads s from the cache and downloads into it what is missing or bad.
func (l *loader) fromCache(ctx context.Context, s *source, log io.Writer) ([]content, error) {
	dir, err := l.dir(s)
	if err != nil {
		return nil, &unavailable{errors.WithMessage(err, "no cache directory"),
			s.byHand("<dir>/"+s.name+" and name <dir>", s.files)}
	}
	contents := s.readAll(dir, dir)
	if firstError(contents) != nil {
		if err := l.fillCache(ctx, s, dir, log); err != nil {
			if ctx.Err() != nil {
				return nil, errors.WithMessage(context.Cause(ctx), "stopped; the download continues next time")
			}
			return nil, orDamaged(err, contents)
		}
		contents = s.readAll(dir, dir)
	}
	if err := firstError(contents); err != nil {
		return nil, err
	}
	s.keep(ctx, l.disk, dir, contents, log)
	return contents, nil
}

// dir is where s lies in the cache.
func (l *loader) dir(s *source) (string, error) {
	root, err := l.cache()
	if err != nil {
		return "", err
	}
	return filepath.Join(root, "cnnlab", s.name), nil
}

// orDamaged keeps err from being ErrUnavailable if a file of the set is here, but
// damaged or not to be read: that is a fault to be told, not a set that is nowhere.
func orDamaged(err error, contents []content) error {
	if !errors.Is(err, ErrUnavailable) {
		return err
	}
	for _, c := range contents {
		if c.err != nil && !absent(c.err) {
			return errors.Errorf("%s; it could not be fetched again: %s", c.err, err)
		}
	}
	return err
}

// fillCache downloads into dir the files that are missing or bad. One process at a
// time does so; the others wait for it and then find the files there.
func (l *loader) fillCache(ctx context.Context, s *source, dir string, log io.Writer) error {
	defer l.client.CloseIdleConnections()
	first, err := l.reach(ctx, s.mirrors)
	if err != nil {
		return &unavailable{err, s.byHand(dir, s.files)}
	}
	unlock, err := lock(ctx, l.disk, dir, log)
	if err != nil {
		return &unavailable{err, s.byHand("<dir>/"+s.name+" and name <dir>", s.files)}
	}
	defer unlock()
	var files []file
	for i, c := range s.readAll(dir, dir) { // again: another process may have been at it
		if c.err != nil {
			files = append(files, s.files[i])
		}
	}
	// The mirror that answered goes first, the others keep their order.
	mirrors := append([]string{s.mirrors[first]}, s.mirrors[:first]...)
	mirrors = append(mirrors, s.mirrors[first+1:]...)
	return l.download(ctx, s, mirrors, files, dir, log)
}
