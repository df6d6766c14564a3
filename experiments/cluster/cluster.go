// Package cluster writes what a scheduler needs to train the runs of a command on many
// machines: one task for each run, and one that merges the results.
package cluster

import (
	_ "embed"
	"io"
	"strings"
	"text/template"

	"al.essio.dev/pkg/shellescape"
	"github.com/pkg/errors"
)

// Sweep is a command whose runs become the tasks of an array.
type Sweep struct {
	Name      string   // of the experiment
	Runs      int      // tasks
	Arguments []string // of the command, without those that print
	Out       string   // the results directory, as the command names it
}

//go:embed slurm.sh.tmpl
var slurm string

//go:embed kubernetes.yaml.tmpl
var kubernetes string

var functions = template.FuncMap{
	"last":  func(n int) int { return n - 1 },
	"quote": shellescape.QuoteCommand,
	// yaml quotes a string as YAML and JSON do.
	"yaml": func(s string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
	},
	"inside": inside,
}

// Slurm writes a script that submits itself as an array with a dependent merge.
func (s Sweep) Slurm(w io.Writer) error { return s.write(w, slurm) }

// Kubernetes writes an indexed Job, a Job that merges, and a claim for the volume that
// they share.
func (s Sweep) Kubernetes(w io.Writer) error { return s.write(w, kubernetes) }

func (s Sweep) write(w io.Writer, text string) error {
	if s.Runs < 1 {
		return errors.New("the plan has no run")
	}
	t, err := template.New("").Funcs(functions).Parse(text)
	if err != nil {
		return errors.WithStack(err)
	}
	return errors.Wrap(t.Execute(w, s), "stdout")
}

// Task is the name of the sweep as the schedulers take it.
func (s Sweep) Task() string { return "cnnlab-" + s.Name }

// inside returns the arguments with the results in the volume of a container.
func inside(arguments []string) (all []string) {
	for i := 0; i < len(arguments); i++ {
		switch a := strings.TrimLeft(arguments[i], "-"); {
		case a == "out" || a == "data":
			i++
		case strings.HasPrefix(a, "out="), strings.HasPrefix(a, "data="):
		default:
			all = append(all, arguments[i])
		}
	}
	return append(all, "-out", "/results")
}
