package ops

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// TestAnotherModuleTrainsWithTheseOperations builds and runs testdata/outside. After a
// change of the modules in the main go.mod, run go mod tidy there.
func TestAnotherModuleTrainsWithTheseOperations(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	run := exec.Command("go", "run", ".")
	run.Dir = "testdata/outside"
	run.Env = append(os.Environ(), "GOOS=", "GOARCH=", "GOFLAGS=-mod=readonly")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var losses []float64
	for _, m := range regexp.MustCompile(`loss (\S+)`).FindAllStringSubmatch(string(out), -1) {
		var loss float64
		if _, err := fmt.Sscan(m[1], &loss); err != nil {
			t.Fatal(err)
		}
		losses = append(losses, loss)
	}
	if n := len(losses); n < 2 || losses[n-1] > losses[0]/4 {
		t.Errorf("the loss does not fall to a quarter:\n%s", out)
	}
}
