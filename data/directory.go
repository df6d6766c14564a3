package data

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// contents finds the files of s where o allows it and returns what they hold.
func (l *loader) contents(ctx context.Context, s *source, o Options) ([]content, error) {
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
		if cache, err := l.dir(s); err == nil { // else fromCache says what is wrong with it
			fmt.Fprintf(o.Log, "%s: not all files are in %s ($CNNLAB_DATA); looked for in %s instead\n", s.name, dir, cache)
		}
	}
	return l.fromCache(ctx, s, o.Log)
}

// within is where s should lie in root, a directory that was given by name.
func (s *source) within(name, root string) (dir string, err error) {
	dir = filepath.Join(root, s.name)
	info, err := os.Stat(root)
	switch {
	case absent(err):
		return "", errors.Errorf("%s: %s does not exist, want the directory that holds %s/", name, root, s.name)
	case err != nil:
		return "", errors.WithMessage(err, name)
	case !info.IsDir():
		return "", errors.Errorf("%s: %s is a file, want the directory that holds %s/", name, root, s.name)
	}
	return dir, nil
}

// misplaced says what to do about the files of s, or others of their names, that
// lie in root itself.
func (s *source) misplaced(root string) error {
	dir := filepath.Join(root, s.name)
	if path, err := filepath.Abs(root); err == nil && filepath.Base(path) == s.name {
		return errors.Errorf("the files are in %s, not in %s; did you mean -data %s?", root, dir, filepath.Join(root, ".."))
	}
	return errors.Errorf("files of these names are in %s, not in %s; if they are %s, move them there", root, dir, s.title)
}

// there says whether every file of s has an entry in dir, good or bad, or may
// have one: a directory that cannot be read is not one without the set.
func (s *source) there(dir string) bool {
	for _, f := range s.files {
		if !f.there(dir) {
			return false
		}
	}
	return true
}

// there says whether f has an entry in dir, or each of its members has.
func (f file) there(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, f.name)); !absent(err) {
		return true
	}
	for _, m := range f.members {
		if _, err := os.Lstat(f.memberPath(dir, m)); absent(err) {
			return false
		}
	}
	return true
}

// fromUser reads s from the user's own directory, in which nothing is written:
// what had to be unpacked is kept in the cache, if there is one.
func (l *loader) fromUser(ctx context.Context, s *source, dir string, log io.Writer) ([]content, error) {
	copies, none := l.dir(s)
	contents := s.readAll(dir, copies)
	if files := s.missing(contents); len(files) > 0 {
		return nil, errors.Errorf("%d of %d files are missing: %s", len(files), len(s.files), s.byHand(dir, files))
	}
	if err := firstError(contents); err != nil {
		return nil, err
	}
	if none == nil {
		s.keep(ctx, l.disk, copies, contents, log)
	}
	return contents, nil
}
