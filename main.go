// Command cnnlab trains convolutional networks on Gorgonia's computation graph
// and compares how they learn; see README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"al.essio.dev/pkg/shellescape"
	"github.com/pkg/errors"

	"cnnlab/experiments"
	"cnnlab/experiments/report"
)

// The exit codes: 0 done, 1 a run failed, 2 usage, 128 + n for signal n.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe must not end a training
	ctx := stopOnSignal(context.Background())
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run does what args ask for and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if err == nil {
		err = c.do(ctx, stdout, stderr)
	} else if errors.Is(err, flag.ErrHelp) {
		usage(stdout)
		return 0
	}
	var asked experiments.UsageError
	var stopped signalled
	switch {
	case err == nil:
		return 0
	case errors.As(err, &asked):
		fmt.Fprintf(stderr, "cnnlab: %v\n(cnnlab -h lists the flags)\n", asked)
		return exitUsage
	case errors.As(err, &stopped):
		fmt.Fprintf(stderr, "cnnlab: stopped by %v; this continues:\n  %s\n", stopped, continuing(args))
		return 128 + int(stopped.Signal)
	}
	fmt.Fprintf(stderr, "cnnlab: %v\n", err)
	return exitFailed
}

// continuing is the command, for a shell, that goes on with what args began.
func continuing(args []string) string {
	words := []string{os.Args[0]}
	if strings.Contains(words[0], "go-build") { // go run has made it and will remove it
		words = []string{"go", "run", "."}
	}
	fs := new(command).flags(io.Discard)
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if name == "fresh" {
			continue // what was made since is not to be made again
		}
		words = append(words, args[i])
		if f := fs.Lookup(name); f != nil && !joined && !isBool(f) && i+1 < len(args) {
			i++
			words = append(words, args[i]) // its value, which may be "-fresh"
		}
	}
	return shellescape.QuoteCommand(words)
}

// isBool is whether a flag stands without a value.
func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// signalled is the cause of a context that a signal ended.
type signalled struct{ syscall.Signal }

func (s signalled) Error() string { return s.Signal.String() }

// stopOnSignal returns a context that the first SIGINT or SIGTERM ends; the
// second ends the process at once.
func stopOnSignal(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		fmt.Fprintln(os.Stderr, "\nstopping after this step; again to stop at once")
		cancel(signalled{s})
		s, _ = (<-signals).(syscall.Signal)
		os.Exit(128 + int(s))
	}()
	return ctx
}

// list shows the experiments.
func list(w io.Writer) {
	for _, e := range experiments.All {
		fmt.Fprintf(w, "%-16s %s\n", e.Name, e.Summary)
	}
}

// command is a parsed command line: to list, to compare, or to run an experiment.
type command struct {
	list    bool
	compare experiments.Comparison
	options experiments.Options
	name    string // of the experiment
}

// do carries the command out.
func (c *command) do(ctx context.Context, stdout, stderr io.Writer) error {
	switch {
	case c.list:
		list(stdout)
		return nil
	case c.compare.Paths != nil:
		return experiments.Compare(c.compare, stdout, stderr)
	}
	return experiments.Run(ctx, c.options, stdout, stderr)
}

// parse reads the command line. The error is a UsageError or flag.ErrHelp.
func parse(args []string, stderr io.Writer) (*command, error) {
	c := &command{options: experiments.Options{Out: "results", Seeds: 1, Jobs: runtime.GOMAXPROCS(0), Trial: -1}}
	fs := c.flags(stderr)
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, experiments.UsageError{Message: err.Error() + experiments.LikeFlag(err, fs)}
	}
	var given []string
	fs.Visit(func(f *flag.Flag) { given = append(given, f.Name) })
	switch {
	case fs.NArg() > 0:
		return nil, experiments.UsageError{Message: fmt.Sprintf("unexpected argument %q; flags begin with - and nothing else is taken", fs.Arg(0))}
	case c.name != "" && c.compare.Paths != nil:
		return nil, experiments.UsageError{Message: "-exp and -compare are two commands; want one of them"}
	case c.list:
		return c, nil
	case c.compare.Paths != nil:
		return c, c.compare.CheckFlags(given)
	}
	var ok bool
	if c.options.Experiment, ok = experiments.Find(c.name); !ok {
		return nil, noSuchExperiment(c.name)
	}
	return c, c.options.Experiment.CheckFlags(given)
}

func noSuchExperiment(name string) error {
	found := "-exp is missing"
	if name != "" {
		found = fmt.Sprintf("there is no experiment %q", name)
	}
	message := fmt.Sprintf("%s; want one of: %s", found, strings.Join(experiments.Names(), ", "))
	if near := report.Nearest(name, experiments.Names()); near != "" {
		message += fmt.Sprintf("; did you mean -exp %s?", near)
	}
	return experiments.UsageError{Message: message}
}

// usage shows the flags.
func usage(w io.Writer) {
	fmt.Fprint(w, "Usage: go run . -exp NAME [flags]\n       go run . -compare DIR[,DIR…] [-sort COLUMN] [-format text|csv|markdown]\n\nExperiments:\n")
	list(w)
	fmt.Fprint(w, "\nFlags:\n")
	new(command).flags(io.Discard).VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  -%-22s %s\n", strings.TrimSpace(f.Name+" "+value), text)
	})
}

// flags declares the command line.
func (c *command) flags(stderr io.Writer) *flag.FlagSet {
	fs := flag.NewFlagSet("cnnlab", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run says what is wrong
	fs.StringVar(&c.name, "exp", "", "the experiment `NAME`")
	fs.BoolVar(&c.list, "list", false, "list the experiments")
	c.options.Flags(fs, stderr)
	c.compare.Flags(fs)
	return fs
}
