package data

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNamesAreThoseThatLoadKnows(t *testing.T) {
	if got, want := Names(), []string{"mnist", "fashion-mnist", "cifar-10", "digits", "shapes"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	_, err := Load(t.Context(), "../mnist", Options{})
	wantError(t, err, `unknown data set "../mnist", want one of mnist, fashion-mnist, cifar-10, digits, shapes`)
}

func TestTrainImagesKnowsEveryName(t *testing.T) {
	for _, name := range Names() {
		if TrainImages(name) < 1 {
			t.Errorf("%s: %d training images", name, TrainImages(name))
		}
	}
	if n := TrainImages("other"); n != 0 {
		t.Errorf("a set that is not there has %d training images", n)
	}
	for name, all := range map[string]int{"digits": 60000, "shapes": 50000, "cifar-10": 50000} {
		if n, want := TrainImages(name), all-heldOut; n != want {
			t.Errorf("%s: %d training images, want %d", name, n, want)
		}
	}
}

func TestLoadPrefixesItsErrorsByTheName(t *testing.T) {
	_, err := Load(t.Context(), "fashion-mnist", Options{Dir: t.TempDir()})
	wantError(t, err, "fashion-mnist: 4 of 4 files are missing", "26421880 bytes")
}

// The checksum is that of the members in the order of the table.
func TestLoadHashesTheMembersInOrder(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	f.write(t, filepath.Join(root, "tiny"))
	l, _ := testLoader(t)
	d, err := f.load(t.Context(), l, Options{Dir: root})
	must(t, err)
	var all []byte
	for i, b := range f.stored {
		member, err := f.files[i].members[0].unpack(b)
		must(t, err)
		all = append(all, member...)
	}
	if d.SHA256 != digest(all) {
		t.Errorf("SHA-256 %s, want %s", d.SHA256, digest(all))
	}
}

func TestUserDirectoryIsNeverRewritten(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.mirrors = []string{m.url}
	root := t.TempDir()
	dir := filepath.Join(root, "tiny")
	f.write(t, dir)
	path := filepath.Join(dir, f.files[0].name)
	must(t, os.WriteFile(path, []byte("damaged"), 0o644))
	byEnvironment, _ := testLoader(t)
	byEnvironment.getenv = func(string) string { return root }
	plain, _ := testLoader(t)
	for l, dir := range map[*loader]string{plain: root, byEnvironment: ""} {
		_, err := f.load(t.Context(), l, Options{Dir: dir})
		wantError(t, err, path+" has 7 bytes, want ", "replace it by a fresh copy")
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
	f.mirrors = []string{"https://a.example/", "https://b.example/x/"}
	root := t.TempDir()
	f.write(t, filepath.Join(root, "tiny"))
	must(t, os.Remove(filepath.Join(root, "tiny", f.files[1].name)))
	l, _ := testLoader(t)
	_, err := f.load(t.Context(), l, Options{Dir: root})
	wantError(t, err, "1 of 4 files are missing", filepath.Join(root, "tiny"), f.files[1].name,
		f.files[1].sha256, "https://a.example/"+f.files[1].name, "https://b.example/x/"+f.files[1].name)
	if errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is ErrUnavailable", err)
	}
}

// What cannot be read is no set that is missing, to be had from elsewhere.
func TestDirectoryThatCannotBeReadIsAnErrorOfItsOwn(t *testing.T) {
	f := newFixture()
	f.mirrors = []string{refused(t)}
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
			_, err := f.load(t.Context(), l, o)
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
	f.mirrors = []string{m.url}
	l, cache := testLoader(t)
	root := t.TempDir()
	l.getenv = func(name string) string { return map[string]string{"CNNLAB_DATA": root}[name] }
	_, err := f.load(t.Context(), l, Options{})
	must(t, err)
	if err := firstError(f.readAll(filepath.Join(cache, "cnnlab", "tiny"), "")); err != nil {
		t.Errorf("not in the cache: %v", err)
	}
	f.write(t, filepath.Join(root, "tiny"))
	must(t, os.RemoveAll(filepath.Join(cache, "cnnlab")))
	_, err = f.load(t.Context(), l, Options{})
	must(t, err)
	if n := len(m.requests()); n != 4 {
		t.Errorf("%d requests, want those of the first load only", n)
	}
}
