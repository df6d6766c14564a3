package fetch

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUserDirectoryIsNeverRewritten(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	root := t.TempDir()
	dir := filepath.Join(root, "tiny")
	f.write(t, dir)
	path := filepath.Join(dir, f.Files[0].Name)
	must(t, os.WriteFile(path, []byte("damaged"), 0o644))
	byEnvironment, _ := testLoader(t)
	byEnvironment.getenv = func(string) string { return root }
	plain, _ := testLoader(t)
	for l, dir := range map[*loader]string{plain: root, byEnvironment: ""} {
		_, err := l.fetch(t.Context(), &f.Set, Options{Dir: dir})
		wantError(t, err, path+": has 7 bytes, want ", "replace it with a fresh copy")
		if errors.Is(err, ErrUnavailable) {
			t.Errorf("%v is ErrUnavailable", err)
		}
	}
	if b, _ := os.ReadFile(path); string(b) != "damaged" || len(m.requests()) > 0 {
		t.Errorf("file %q after requests %q", b, m.requests())
	}
}

func TestUserDirectoryNamesWhatIsMissing(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{"https://a.example/", "https://b.example/x/"}
	root := t.TempDir()
	f.write(t, filepath.Join(root, "tiny"))
	must(t, os.Remove(filepath.Join(root, "tiny", f.Files[1].Name)))
	l, _ := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	wantError(t, err, "1 of 4 files are missing", filepath.Join(root, "tiny"), f.Files[1].Name,
		f.Files[1].SHA256, "https://a.example/"+f.Files[1].Name, "https://b.example/x/"+f.Files[1].Name)
	if errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is ErrUnavailable", err)
	}
}

// A directory that was given wrongly is named, with what is wrong about it.
func TestDirectoryGivenWronglyIsNamed(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	file := filepath.Join(root, "file")
	must(t, os.WriteFile(file, nil, 0o644))
	none := filepath.Join(root, "none")
	for name, c := range map[string]struct{ dir, environment, want string }{
		"none":                {none, "", "-data: " + none + " does not exist, want the directory that holds tiny/"},
		"a file":              {file, "", "-data: " + file + " is a file, want the directory that holds tiny/"},
		"environment, none":   {"", none, "$CNNLAB_DATA: " + none + " does not exist, want the directory that holds tiny/"},
		"environment, a file": {"", file, "$CNNLAB_DATA: " + file + " is a file, want the directory that holds tiny/"},
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := testLoader(t)
			l.getenv = func(string) string { return c.environment }
			_, err := l.fetch(t.Context(), &f.Set, Options{Dir: c.dir})
			wantError(t, err, c.want)
			if errors.Is(err, ErrUnavailable) {
				t.Errorf("%v is ErrUnavailable", err)
			}
		})
	}
}

// A directory that holds the files itself is as good as the one above it.
func TestDirectoryOfTheSetItselfIsTaken(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	f.write(t, root)
	t.Chdir(root)
	for _, dir := range []string{root, "."} {
		l, _ := testLoader(t)
		got, err := l.fetch(t.Context(), &f.Set, Options{Dir: dir})
		must(t, err)
		f.wantContents(t, got)
	}
	path := filepath.Join(root, f.Files[2].Name)
	must(t, os.WriteFile(path, []byte("damaged"), 0o644))
	l, _ := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	wantError(t, err, path+": has 7 bytes, want ", "replace it with a fresh copy")
}

// What cannot be read is no set that is missing, to be had from elsewhere.
func TestDirectoryThatCannotBeReadIsAnErrorOfItsOwn(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{refused(t)}
	for name, where := range map[string]func(l *loader, root, cache string) (o Options, dir string){
		"Dir": func(_ *loader, root, _ string) (Options, string) { return Options{Dir: root}, root },
		"$CNNLAB_DATA": func(l *loader, root, _ string) (Options, string) {
			l.getenv = func(string) string { return root }
			return Options{}, root
		},
		"cache": func(_ *loader, _, cache string) (Options, string) { return Options{}, filepath.Join(cache, "cnnlab") },
	} {
		t.Run(name, func(t *testing.T) {
			l, cache := testLoader(t)
			o, dir := where(l, t.TempDir(), cache)
			must(t, os.MkdirAll(dir, 0o755))
			loop(t, filepath.Join(dir, "tiny"))
			_, err := l.fetch(t.Context(), &f.Set, o)
			wantError(t, err, filepath.Join(dir, "tiny"))
			if errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "missing") {
				t.Errorf("%v says that the set is not there", err)
			}
		})
	}
}

// $CNNLAB_DATA counts only if it has the whole set; a set it lacks is cached.
func TestEnvironmentWithoutTheSetLeavesItToTheCache(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	l, cache := testLoader(t)
	root := t.TempDir()
	l.getenv = func(name string) string { return map[string]string{"CNNLAB_DATA": root}[name] }
	var log bytes.Buffer
	_, err := l.fetch(t.Context(), &f.Set, Options{Log: &log})
	must(t, err)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	if err := f.check(dir, f.readAll(dir, "")); err != nil {
		t.Errorf("not in the cache: %v", err)
	}
	want := "tiny: " + filepath.Join(root, "tiny") + " ($CNNLAB_DATA) does not hold all files; looking in " + dir + " instead\n"
	if !strings.HasPrefix(log.String(), want) {
		t.Errorf("log %q, want it to begin %q", log.String(), want)
	}
	f.write(t, filepath.Join(root, "tiny"))
	must(t, os.RemoveAll(filepath.Join(cache, "cnnlab")))
	_, err = l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	if n := len(m.requests()); n != 4 {
		t.Errorf("%d requests, want those of the first load only", n)
	}
}
