package fetch

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// ErrUnavailable is in the chain of the error if the set is on no disk here and no host
// can be reached, or if there is no cache directory. A download that is slow,
// interrupted or corrupt, and a damaged file, are other errors.
var ErrUnavailable = errors.New("data set unavailable")

// Options says where data sets may be found.
type Options struct {
	// Dir, the flag -data, is the only place to look if it is set: the files are in
	// <Dir>/<data set>/ or, under whatever name, in a directory not far below Dir.
	// Otherwise they are taken from $CNNLAB_DATA in the same way if all are there, or else
	// from the user's cache directory, os.UserCacheDir()/cnnlab/<data set>/, into which
	// missing ones are downloaded. What is unpacked, from either place, is kept in the
	// cache, which makes the next start several times as fast.
	Dir string
	// Log receives progress and warnings; nil for none. On a terminal the progress is a
	// line that is rewritten.
	Log io.Writer
	// Offline downloads nothing.
	Offline bool
}

// loader is how the package reaches the outside, and, as a copy for each call of Fetch,
// what it looks for. Tests use their own.
type loader struct {
	client  *http.Client
	disk    durable.FS
	connect time.Duration // limit for connecting to any mirror at all
	stall   time.Duration // limit for a pause in a transfer
	cache   func() (string, error)
	getenv  func(string) string

	*Set
	log     io.Writer
	offline bool
}

func newLoader() *loader {
	const connect = 4 * time.Second
	return &loader{
		client: &http.Client{Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: connect}).DialContext,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: 10 * time.Second,
		}},
		disk:    durable.Disk{},
		connect: connect,
		stall:   30 * time.Second,
		cache:   os.UserCacheDir,
		getenv:  os.Getenv,
	}
}

// Fetch returns the content of each file of s: its members, one after another.
func (s *Set) Fetch(ctx context.Context, o Options) ([][]byte, error) {
	return newLoader().fetch(ctx, s, o)
}

func (l loader) fetch(ctx context.Context, s *Set, o Options) ([][]byte, error) {
	l.Set, l.log, l.offline = s, cmp.Or[io.Writer](o.Log, io.Discard), o.Offline
	cache, noCache := l.cacheDir()
	found, err := l.own(o.Dir, cache)
	if err != nil {
		return nil, err
	}
	if found == nil {
		if noCache != nil {
			return nil, l.unavailable(errors.WithMessage(noCache, "no cache directory"), "", nil)
		}
		if found, err = l.cached(ctx, cache); err != nil {
			return nil, err
		}
	}
	if noCache == nil { // the user's own directory, where nothing is written, may need no cache
		l.keep(ctx, cache, found)
	}
	all := make([][]byte, len(found))
	for i, c := range found {
		all[i] = c.bytes
	}
	return all, nil
}

// cached returns the files in the cache, into which it downloads what is missing.
func (l *loader) cached(ctx context.Context, dir string) ([]content, error) {
	found := l.look(dir, dir, dir)
	if l.check(dir, found) != nil {
		if err := l.fill(ctx, dir, found); err != nil && ctx.Err() != nil {
			return nil, errors.WithMessage(context.Cause(ctx), "stopped; run the same command again to continue the download")
		} else if err != nil {
			return nil, err
		}
		found = l.look(dir, dir, dir)
	}
	return found, l.check(dir, found)
}

func (l *loader) cacheDir() (string, error) {
	root, err := l.cache()
	if err != nil {
		return "", err
	}
	return filepath.Join(root, "cnnlab", l.dir()), nil
}

// own returns the files in the user's own directory, given as Options.Dir or in
// $CNNLAB_DATA; nil if the cache is to be used.
func (l *loader) own(given, cache string) ([]content, error) {
	option, root := "-data", given
	if given == "" {
		option, root = "$CNNLAB_DATA", l.getenv("CNNLAB_DATA")
	}
	if root == "" {
		return nil, nil
	}
	info, err := os.Stat(root)
	switch {
	case absent(err):
		return nil, errors.Errorf("%s: %s does not exist, want the directory that holds %s/", option, root, l.dir())
	case err != nil:
		return nil, errors.WithMessage(err, option)
	case !info.IsDir():
		return nil, errors.Errorf("%s: %s is a file, want the directory that holds %s/", option, root, l.dir())
	}
	dir := filepath.Join(root, l.dir())
	if !l.there(dir) && l.there(root) {
		dir = root
	}
	found := l.look(dir, cache, root)
	err = l.check(dir, found)
	switch {
	case err == nil || given == "" && l.there(dir):
		return found, err
	case given != "" && slices.ContainsFunc(found, func(c content) bool { return absent(c.err) }):
		return nil, errors.Errorf("%s\nor leave out -data: they are then downloaded", err)
	case given != "":
		return nil, err
	}
	if cache != "" { // otherwise fetch returns the error
		fmt.Fprintf(l.log, "%s: %s ($CNNLAB_DATA) does not hold all files%s; looking in %s instead%s\n", l.Name, dir, l.otherForm(found), cache, unused(found))
	}
	return nil, nil
}

// there reports whether dir has an entry for every file of s, packed or unpacked, good
// or bad. An entry that cannot be examined counts.
func (s *Set) there(dir string) bool {
	return !slices.ContainsFunc(s.Files, func(f File) bool {
		if _, err := os.Lstat(filepath.Join(dir, f.Name)); !absent(err) {
			return false
		}
		return f.sealed() || slices.ContainsFunc(f.Members, func(m Member) bool {
			_, err := os.Lstat(f.memberPath(dir, m))
			return absent(err)
		})
	})
}

// absent reports whether err means that nothing exists at a path.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// check returns an error that lists the files missing from dir, or else the error of the
// first bad one.
func (s *Set) check(dir string, found []content) error {
	var missing []File
	var bad error
	for i, c := range found {
		if absent(c.err) {
			missing = append(missing, s.Files[i])
		} else if bad == nil {
			bad = c.err
		}
	}
	if len(missing) > 0 {
		return errors.Errorf("%d of %d files are missing%s: %s%s", len(missing), len(found), s.otherForm(found), s.byHand(dir, missing), unused(found))
	}
	return bad
}

// unavailable makes an ErrUnavailable of err, unless a file is here but damaged, and adds
// how to do without a network. An empty dir stands for one that the user chooses.
func (s *Set) unavailable(err error, dir string, found []content) error {
	if dir == "" {
		dir = "<dir>/" + s.dir() + " and run with -data <dir>"
	}
	for _, c := range found {
		if c.err != nil && !absent(c.err) {
			return errors.Errorf("%s; it could not be downloaded again: %s; %s", c.err, err, s.byHand(dir, s.Files))
		}
	}
	return fmt.Errorf("%w: %w; %s", ErrUnavailable, err, s.byHand(dir, s.Files))
}

// fill downloads into dir the files that are missing or damaged. Only one process at a
// time does this; the others wait and then find the files there.
func (l *loader) fill(ctx context.Context, dir string, found []content) error {
	if l.offline {
		return l.unavailable(errors.New("nothing is downloaded here"), dir, found)
	}
	defer l.client.CloseIdleConnections()
	if err := l.online(ctx); err != nil {
		return l.unavailable(err, dir, found)
	}
	lock, err := l.lock(ctx, dir)
	if err != nil {
		return l.unavailable(errors.WithMessage(err, "the cache directory is not writable"), "", found)
	}
	defer func() { _ = lock.Release() }()
	var files []File
	for i, c := range l.look(dir, dir, dir) { // again: another process may have downloaded them
		if c.err != nil {
			files = append(files, l.Files[i])
		}
	}
	return l.download(ctx, files, dir)
}

func (l *loader) lock(ctx context.Context, dir string) (*durable.Lock, error) {
	if err := l.disk.MkdirAll(dir); err != nil {
		return nil, err
	}
	lock, err := durable.Acquire(ctx, dir, 0)
	if errors.Is(err, durable.ErrLocked) {
		fmt.Fprintf(l.log, "another process is writing into %s; waiting for it\n", dir)
		lock, err = durable.Acquire(ctx, dir, 24*time.Hour)
	}
	return lock, err
}
