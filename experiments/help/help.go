// Package help explains the command line: the flags in groups, examples, and scripts that
// let a shell complete it.
package help

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"cnnlab/experiments/report/text"
)

// groups lists all flags, by what they are for.
var groups = []struct {
	title string
	flags []string
}{
	{"What to do", []string{"exp", "list", "plan", "compare", "serve", "page", "predict", "export", "completion"}},
	{"Data", []string{"dataset", "data", "limit", "size", "transpose", "skip-broken", "augment", "shuffle"}},
	{"Network", []string{"channels", "extra-convs", "kernel", "hidden", "dropout", "conv-dropout", "ops"}},
	{"Training", []string{"epochs", "batch", "lr", "schedule", "solver", "momentum", "weight-decay", "ema", "tta", "seed", "seeds", "variant"}},
	{"Running", []string{"jobs", "trial", "print-slurm", "print-k8s", "fresh", "checkpoint-every", "quiet"}},
	{"Results", []string{"out", "snapshots", "tensorboard", "sort", "format", "by-seed", "weights", "as-is"}},
}

// examples are five commands that begin with the program's name.
var examples = [][2]string{
	{"-exp lr-sweep", "the assignment's first step: several learning rates"},
	{"-exp regularized -seeds 5 -serve", "five seeds of four variants, watched in a browser"},
	{"-exp cifar -epochs 5 -plan", "how long it would take"},
	{"-exp baseline -dataset ./pictures -size 32", "your own pictures, a folder per class"},
	{"-compare results -by-seed=false", "all results in one table"},
}

// pipeColumns is the width of the help where it is read in no terminal.
const pipeColumns = 100

// Write writes the flags in groups, wrapped to the terminal, and examples.
func Write(w io.Writer, fs *flag.FlagSet, program string) {
	columns := text.Columns(w)
	if columns == 0 {
		columns = pipeColumns
	}
	for _, g := range groups {
		fmt.Fprintf(w, "\n%s:\n", g.title)
		for _, name := range g.flags {
			f := fs.Lookup(name)
			value, help := flag.UnquoteUsage(f)
			help = strings.ReplaceAll(help, "[=ADDR]", "ADDR")
			head := "  -" + strings.Replace(strings.TrimSpace(f.Name+" "+value), " [", "[", 1)
			const indent = 26
			lines := strings.Split(text.Wrap(help, max(30, columns-indent)), "\n")
			if len(head) >= indent-1 {
				fmt.Fprintln(w, head)
				head = ""
			}
			for _, line := range lines {
				fmt.Fprintf(w, "%-*s%s\n", indent, head, line)
				head = ""
			}
		}
	}
	fmt.Fprint(w, "\nExamples:\n")
	for _, e := range examples {
		fmt.Fprintf(w, "  %s %s\n      %s\n", program, e[0], e[1])
	}
}

// Shells are those that Completion knows.
var Shells = []string{"bash", "zsh", "fish"}

// Completion writes a script that lets a shell complete the command line, with the values
// of some flags.
func Completion(w io.Writer, shell string, fs *flag.FlagSet, values map[string][]string) {
	if shell == "fish" {
		fs.VisitAll(func(f *flag.Flag) {
			_, help := flag.UnquoteUsage(f)
			fmt.Fprintf(w, "complete -c cnnlab -o %s -d '%s'", f.Name, strings.ReplaceAll(help, "'", `\'`))
			if v := values[f.Name]; v != nil {
				fmt.Fprintf(w, " -x -a '%s'", strings.Join(v, " "))
			}
			fmt.Fprintln(w)
		})
		return
	}
	if shell == "zsh" {
		fmt.Fprintln(w, "autoload -U +X bashcompinit && bashcompinit")
	}
	var names []string
	fmt.Fprint(w, "_cnnlab() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]}\n\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n")
	fs.VisitAll(func(f *flag.Flag) {
		names = append(names, "-"+f.Name)
		if v := values[f.Name]; v != nil {
			fmt.Fprintf(w, "\t-%s) COMPREPLY=($(compgen -W '%s' -- \"$word\")) ;;\n", f.Name, strings.Join(v, " "))
		}
	})
	fmt.Fprintf(w, "\t*) COMPREPLY=($(compgen -W '%s' -- \"$word\")) ;;\n\tesac\n}\ncomplete -o default -F _cnnlab cnnlab\n", strings.Join(names, " "))
}
