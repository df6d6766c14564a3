package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAssemblyIsWhatTheGeneratorWrites runs gen and compares all but the first
// line, which holds the command.
func TestAssemblyIsWhatTheGeneratorWrites(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator")
	}
	download := exec.Command("go", "mod", "download")
	download.Dir = "gen"
	if out, err := download.CombinedOutput(); err != nil {
		t.Skipf("the generator's modules cannot be had: %v\n%s", err, out)
	}
	dir := t.TempDir()
	s, stubs := filepath.Join(dir, "a.s"), filepath.Join(dir, "a.go")
	run := exec.Command("go", "run", ".", "-out", s, "-stubs", stubs, "-pkg", "kernel")
	run.Dir = "gen"
	// for this machine, whatever the tests are built for
	run.Env = append(os.Environ(), "GOOS=", "GOARCH=", "GOFLAGS=-mod=readonly")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for made, committed := range map[string]string{s: "simd_amd64.s", stubs: "simd_amd64.go"} {
		if !bytes.Equal(behindFirstLine(t, made), behindFirstLine(t, committed)) {
			t.Errorf("%s is not what gen writes: go generate ./model/internal/kernel", committed)
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
