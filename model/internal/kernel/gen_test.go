package kernel

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// generate runs gen with its results in dir.
func generate(t *testing.T, dir string, flags ...string) (string, error) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the generator")
	}
	download := exec.Command("go", "mod", "download")
	download.Dir = "gen"
	if out, err := download.CombinedOutput(); err != nil {
		t.Skipf("the generator's modules cannot be downloaded: %v\n%s", err, out)
	}
	run := exec.Command("go", append(append([]string{"run"}, flags...), ".", "-dir", dir)...)
	run.Dir = "gen"
	// for this machine, whatever the tests are built for
	run.Env = append(os.Environ(), "GOOS=", "GOARCH=", "GOFLAGS=-mod=readonly")
	out, err := run.CombinedOutput()
	return string(out), err
}

var generated = []string{"simd_amd64.s", "simd_amd64.go", "simd_none.go"}

// TestAssemblyIsWhatTheGeneratorWrites compares all but the first line, which holds
// the command.
func TestAssemblyIsWhatTheGeneratorWrites(t *testing.T) {
	dir := t.TempDir()
	if out, err := generate(t, dir); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range generated {
		if !bytes.Equal(behindFirstLine(t, filepath.Join(dir, name)), behindFirstLine(t, name)) {
			t.Errorf("%s is not what gen writes: go generate ./model/internal/kernel", name)
		}
	}
}

// TestAFailingGeneratorLeavesTheFilesAsTheyAre adds a function that asks for a
// parameter it does not have.
func TestAFailingGeneratorLeavesTheFilesAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	for _, name := range generated {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("as before"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	source, err := filepath.Abs(filepath.Join("gen", "broken.go"))
	if err != nil {
		t.Fatal(err)
	}
	broken, overlay := filepath.Join(t.TempDir(), "broken.go"), filepath.Join(t.TempDir(), "overlay.json")
	for path, text := range map[string]string{
		broken:  "package main\n\nfunc init() {\n\tfunction(\"broken\", \"func(n int)\")\n\tload(\"absent\")\n\tend()\n}\n",
		overlay: fmt.Sprintf(`{"Replace": {%q: %q}}`, source, broken),
	} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := generate(t, dir, "-overlay", overlay)
	if err == nil || !strings.Contains(out, "absent") {
		t.Fatalf("error %v, want one about the parameter\n%s", err, out)
	}
	for _, name := range generated {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != "as before" {
			t.Errorf("%s has changed: %v", name, err)
		}
	}
}

func behindFirstLine(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	return rest
}
