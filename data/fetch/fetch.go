package fetch

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	// <Dir>/<data set>/. Otherwise they are taken from $CNNLAB_DATA/<data set>/ if all
	// are there, or else from the user's cache directory, os.UserCacheDir()/cnnlab/<data
	// set>/, into which missing ones are downloaded. What is unpacked, from either
	// place, is kept in the cache, which makes the next start several times as fast.
	Dir string
	// Log receives progress and warnings; nil for none. On a terminal the progress is a
	// line that is rewritten.
	Log io.Writer
}

// loader is how the package reaches the outside; tests use their own.
type loader struct {
	client  *http.Client
	disk    durable.FS
	connect time.Duration // limit for connecting to any mirror at all
	stall   time.Duration // limit for a pause in a transfer
	cache   func() (string, error)
	getenv  func(string) string
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

func (l *loader) fetch(ctx context.Context, s *Set, o Options) ([][]byte, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	found, err := l.find(ctx, s, o)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(found))
	for i, c := range found {
		all[i] = c.bytes
	}
	return all, nil
}

// find reads the files of s from where o allows.
func (l *loader) find(ctx context.Context, s *Set, o Options) ([]content, error) {
	if o.Dir != "" {
		dir, err := s.within("-data", o.Dir)
		if err != nil {
			return nil, err
		}
		if !s.there(dir) && s.there(o.Dir) {
			return nil, s.misplaced(o.Dir)
		}
		return l.fromUser(ctx, s, dir, o.Log)
	}
	if root := l.getenv("CNNLAB_DATA"); root != "" {
		dir, err := s.within("$CNNLAB_DATA", root)
		if err != nil {
			return nil, err
		}
		if s.there(dir) {
			return l.fromUser(ctx, s, dir, o.Log)
		}
		if cache, err := l.dir(s); err == nil { // otherwise fromCache returns the error
			fmt.Fprintf(o.Log, "%s: %s ($CNNLAB_DATA) does not hold all files; looking in %s instead\n", s.Name, dir, cache)
		}
	}
	return l.fromCache(ctx, s, o.Log)
}

// within returns the directory for s in root, which was given by name.
func (s *Set) within(name, root string) (string, error) {
	info, err := os.Stat(root)
	switch {
	case absent(err):
		return "", errors.Errorf("%s: %s does not exist, want the directory that holds %s/", name, root, s.Name)
	case err != nil:
		return "", errors.WithMessage(err, name)
	case !info.IsDir():
		return "", errors.Errorf("%s: %s is a file, want the directory that holds %s/", name, root, s.Name)
	}
	return filepath.Join(root, s.Name), nil
}

// misplaced tells what to do about files of s, or others with their names, that are in
// root itself.
func (s *Set) misplaced(root string) error {
	dir := filepath.Join(root, s.Name)
	if path, err := filepath.Abs(root); err == nil && filepath.Base(path) == s.Name {
		return errors.Errorf("the files are in %s, not in %s; did you mean -data %s?", root, dir, filepath.Join(root, ".."))
	}
	return errors.Errorf("%s holds files with these names, but %s does not; if they are %s, move them there", root, dir, s.Title)
}

// there reports whether dir has an entry for every file of s, good or bad.
func (s *Set) there(dir string) bool {
	for _, f := range s.Files {
		if !f.there(dir) {
			return false
		}
	}
	return true
}

// there reports whether dir has an entry for f or for each of its members. An entry
// that cannot be examined counts.
func (f File) there(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, f.Name)); !absent(err) {
		return true
	}
	for _, m := range f.Members {
		if _, err := os.Lstat(f.memberPath(dir, m)); absent(err) {
			return false
		}
	}
	return true
}

// absent reports whether err says that there is nothing at a path.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// fromUser reads s from the user's own directory, where it writes nothing: what it
// unpacks is kept in the cache if there is one.
func (l *loader) fromUser(ctx context.Context, s *Set, dir string, log io.Writer) ([]content, error) {
	copies, noCache := l.dir(s)
	found := s.readAll(dir, copies)
	var missing []File
	for i, c := range found {
		if absent(c.err) {
			missing = append(missing, s.Files[i])
		}
	}
	if len(missing) > 0 {
		return nil, errors.Errorf("%d of %d files are missing: %s", len(missing), len(found), s.byHand(dir, missing))
	}
	if err := firstError(found); err != nil {
		return nil, err
	}
	if noCache == nil {
		l.keep(ctx, s, copies, found, log)
	}
	return found, nil
}

// fromCache reads s from the cache and downloads what is missing or damaged there.
func (l *loader) fromCache(ctx context.Context, s *Set, log io.Writer) ([]content, error) {
	dir, err := l.dir(s)
	if err != nil {
		return nil, &unavailable{errors.WithMessage(err, "no cache directory"), s.byHand("<dir>/"+s.Name+" and run with -data <dir>", s.Files)}
	}
	found := s.readAll(dir, dir)
	if firstError(found) != nil {
		if err := l.fill(ctx, s, dir, log); err != nil {
			if ctx.Err() != nil {
				return nil, errors.WithMessage(context.Cause(ctx), "stopped; the download continues next time")
			}
			return nil, orDamaged(err, found)
		}
		found = s.readAll(dir, dir)
	}
	if err := firstError(found); err != nil {
		return nil, err
	}
	l.keep(ctx, s, dir, found, log)
	return found, nil
}

func (l *loader) dir(s *Set) (string, error) {
	root, err := l.cache()
	return filepath.Join(root, "cnnlab", s.Name), err
}

// unavailable is an ErrUnavailable with advice.
type unavailable struct {
	cause  error
	advice string
}

func (u *unavailable) Error() string        { return fmt.Sprintf("%s; %s", u.cause, u.advice) }
func (u *unavailable) Unwrap() error        { return u.cause }
func (u *unavailable) Is(target error) bool { return target == ErrUnavailable }

// orDamaged returns an error other than ErrUnavailable if a file of the set is here, but
// damaged or unreadable.
func orDamaged(err error, found []content) error {
	for _, c := range found {
		if errors.Is(err, ErrUnavailable) && c.err != nil && !absent(c.err) {
			return errors.Errorf("%s; it could not be downloaded again: %s", c.err, err)
		}
	}
	return err
}

// fill downloads into dir the files that are missing or damaged. Only one process at a
// time does this; the others wait and then find the files there.
func (l *loader) fill(ctx context.Context, s *Set, dir string, log io.Writer) error {
	defer l.client.CloseIdleConnections()
	if err := l.online(ctx, s.Mirrors); err != nil {
		return &unavailable{err, s.byHand(dir, s.Files)}
	}
	lock, err := l.lock(ctx, dir, log)
	if err != nil {
		return &unavailable{errors.WithMessage(err, "the cache directory is not writable"),
			s.byHand("<dir>/"+s.Name+" and run with -data <dir>", s.Files)}
	}
	defer func() { _ = lock.Release() }()
	var files []File
	for i, c := range s.readAll(dir, dir) { // again: another process may have downloaded them
		if c.err != nil {
			files = append(files, s.Files[i])
		}
	}
	return l.download(ctx, s, files, dir, log)
}

func (l *loader) lock(ctx context.Context, dir string, log io.Writer) (*durable.Lock, error) {
	if err := l.disk.MkdirAll(dir); err != nil {
		return nil, err
	}
	lock, err := durable.Acquire(ctx, dir, 0)
	if errors.Is(err, durable.ErrLocked) {
		fmt.Fprintf(log, "another process is writing into %s; waiting for it\n", dir)
		lock, err = durable.Acquire(ctx, dir, 24*time.Hour)
	}
	return lock, err
}
