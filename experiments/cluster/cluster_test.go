package cluster

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

var sweep = Sweep{Name: "lr-sweep", Runs: 21, Arguments: []string{"-exp", "lr-sweep", "-seeds", "3", "-dataset", "./it's here", "-out=shared results", "-data", "/x"}}

// TestTheScriptIsAScript has bash read it, and looks for what it must say.
func TestTheScriptIsAScript(t *testing.T) {
	var b bytes.Buffer
	if err := sweep.Slurm(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--array=0-20%8", "--requeue", "--signal=B:USR1@60", "--dependency=afterany", "-trial auto", `'./it'"'"'s here'`, "'-out=shared results'"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the script lacks %q:\n%s", want, &b)
		}
	}
	bash := exec.Command("bash", "-n")
	bash.Stdin = &b
	if out, err := bash.CombinedOutput(); err != nil && exec.ErrNotFound != err {
		t.Errorf("%v: %s", err, out)
	}
}

// TestTheManifestHasTheArguments looks for them as YAML has them.
func TestTheManifestHasTheArguments(t *testing.T) {
	var b bytes.Buffer
	if err := sweep.Kubernetes(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"completions: 21", "completionMode: Indexed", `args: ["-exp", "lr-sweep", "-seeds", "3", "-dataset", "./it's here", "-out", "/results", "-trial", "auto", "-quiet", "-jobs", "1"]`, "runAsNonRoot: true"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the manifest lacks %q:\n%s", want, &b)
		}
	}
	if err := (Sweep{}).Slurm(&b); err == nil {
		t.Error("a plan without runs is no error")
	}
}
