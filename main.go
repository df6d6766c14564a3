// Command cnnlab trains convolutional networks on Gorgonia's computation graph
// and compares how they learn; see README.md.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"al.essio.dev/pkg/shellescape"
	"github.com/pkg/errors"

	"cnnlab/experiments"
	"cnnlab/experiments/help"
	"cnnlab/experiments/report/text"
	"cnnlab/experiments/serve"
	"cnnlab/experiments/suite"
	"cnnlab/experiments/trained"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe must not end a training
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run does what args ask for and returns the exit code: 0 done, 1 a run failed, 2 usage,
// 128 + n for signal n.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if err == nil {
		c.options.Program, c.options.Arguments = program(), without(args, "exp", "fresh")
		err = c.do(ctx, stdout, stderr)
	} else if errors.Is(err, flag.ErrHelp) {
		usage(stdout)
		return 0
	}
	var wrong suite.UsageError
	var stopped signalled
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "cnnlab: %v\n(%s -h lists the flags)\n", wrong, strings.Join(program(), " "))
		return 2
	case errors.As(err, &stopped):
		fmt.Fprintf(stderr, "cnnlab: stopped by %v; to continue, run:\n  %s\n", stopped, continuing(args))
		return 128 + int(stopped.Signal)
	}
	fmt.Fprintf(stderr, "cnnlab: %v\n", err)
	return 1
}

func program() []string {
	if strings.Contains(os.Args[0], "go-build") { // go run built it, and will remove it
		return []string{"go", "run", "."}
	}
	return []string{os.Args[0]}
}

// continuing is the command, for a shell, that continues what args began. It has no
// -fresh, which would discard what was trained since.
func continuing(args []string) string {
	return shellescape.QuoteCommand(append(program(), without(args, "fresh")...))
}

// without returns args without the flags of these names and their values.
func without(args []string, names ...string) (kept []string) {
	fs := new(command).flags(io.Discard)
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		end := i + 1
		if f := fs.Lookup(name); f != nil && !joined && !isBool(f) {
			end = min(end+1, len(args)) // its value, which may be "-fresh"
		}
		if !slices.Contains(names, name) {
			kept = append(kept, args[i:end]...)
		}
		i = end - 1
	}
	return kept
}

// isBool reports whether a flag may be given without a value.
func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// signalled is the cause of a context that a signal ended.
type signalled struct{ syscall.Signal }

// Error implements error.
func (s signalled) Error() string { return s.Signal.String() }

// stopOnSignal returns a context that the first SIGINT, SIGTERM or SIGHUP ends; a second
// SIGINT or SIGTERM ends the process at once. A lost connection sends SIGHUP more than
// once, so that one never counts as the second; under nohup it does nothing. Only a
// training needs this: any other command, and after release this one, ends at the first
// signal.
func stopOnSignal(ctx context.Context) (stopped context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stopping := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		stopping = append(stopping, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopping...)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		fmt.Fprintln(os.Stderr, "\nstopping after this step; press Ctrl-C again to stop at once")
		cancel(signalled{s})
		for second := range signals {
			if s, _ = second.(syscall.Signal); s != syscall.SIGHUP {
				os.Exit(128 + int(s))
			}
		}
	}()
	return ctx, func() { signal.Reset(stopping...) }
}

type command struct {
	list       bool
	viewing    serve.Viewing
	using      trained.Using
	shell      string // whose completion is wanted
	comparing  suite.Comparing
	name       string // of the experiment
	experiment suite.Experiment
	options    suite.Options
}

func (c *command) do(ctx context.Context, stdout, stderr io.Writer) error {
	switch {
	case c.list:
		list(stdout)
		return nil
	case c.shell != "":
		values := suite.Completed()
		values["exp"], values["completion"] = experiments.Names(), help.Shells
		help.Completion(stdout, c.shell, new(command).flags(io.Discard), values)
		return nil
	case c.comparing.Paths != nil:
		return c.comparing.Run(stdout, stderr)
	case c.using.Asked():
		return c.using.Run(c.options.Out, c.comparing.Format, experiments.Builders(), stdout, stderr)
	case c.viewing.Page:
		return c.options.WritePage(ctx, stdout, stderr)
	}
	var served chan error
	if c.viewing.Address != "" {
		server, err := serve.New(c.viewing.Address, c.options.Out, c.options.Steps, experiments.Builders(), c.options.Data)
		if err != nil {
			return err
		}
		server.Announce(stderr)
		served = make(chan error, 1)
		go func() { served <- server.Serve(ctx) }()
	}
	if c.experiment == nil {
		return <-served
	}
	c.options.Checkpoint = suite.CheckpointSignals()
	training, release := stopOnSignal(ctx)
	_, err := c.experiment.Run(training, c.options, stdout, stderr)
	if served == nil {
		return err
	}
	release()
	if err != nil && training.Err() == nil {
		fmt.Fprintf(stderr, "cnnlab: %v\n", err)
	}
	if training.Err() == nil {
		fmt.Fprintln(stderr, "the experiment has ended; the page stays until Ctrl-C")
	}
	select {
	case failure := <-served:
		return cmp.Or(err, failure)
	case <-training.Done(): // by a signal that came before the experiment's end
		return cmp.Or(err, context.Cause(training))
	}
}

// parse reads the command line. The error is a UsageError or flag.ErrHelp.
func parse(args []string, stderr io.Writer) (*command, error) {
	c := &command{options: suite.NewOptions()}
	c.options.Steps = experiments.Steps()
	fs := c.flags(stderr)
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, suite.UsageError{Message: err.Error() + suite.Suggest(err, fs)}
	}
	var given []string
	fs.Visit(func(f *flag.Flag) { given = append(given, f.Name) })
	switch {
	case c.using.Asked():
		c.using.Files = fs.Args()
		if wrong := c.using.Check(given, c.comparing.Format); wrong != "" {
			return nil, suite.UsageError{Message: wrong}
		}
		return c, nil
	case fs.NArg() > 0:
		hint := ""
		if c.viewing.Address != "" {
			hint = "; the address is part of the flag: -serve=" + fs.Arg(0)
		}
		return nil, suite.Usagef("unexpected argument %q: only flags, which start with -, are accepted%s", fs.Arg(0), hint)
	case c.name != "" && c.comparing.Paths != nil:
		return nil, suite.Usagef("use either -exp or -compare, not both")
	case c.list, c.shell != "":
		return c, nil
	case c.comparing.Paths != nil:
		return c, c.comparing.CheckFlags(given)
	case c.viewing.Page && c.name != "":
		return nil, suite.Usagef("-page writes the page and trains nothing; leave -exp out: every experiment writes the page too")
	case c.viewing.Page:
		return c, onlyFlags(given, "page", "out")
	case c.viewing.Address != "" && c.name == "":
		return c, onlyFlags(given, "serve", "out", "data")
	}
	var ok bool
	if c.experiment, ok = experiments.Find(c.name); !ok {
		return nil, unknown(c.name)
	}
	return c, suite.CheckFlags(c.experiment, given)
}

// onlyFlags returns an error if other flags are given than the first, which asks for
// something, and those that it accepts.
func onlyFlags(given []string, asks string, accepts ...string) error {
	for _, name := range given {
		if name != asks && !slices.Contains(accepts, name) {
			return suite.Usagef("-%s does not apply to -%s without an experiment; it accepts -%s", name, asks, strings.Join(accepts, " and -"))
		}
	}
	return nil
}

func unknown(name string) error {
	found := "-exp is missing"
	if name != "" {
		found = fmt.Sprintf("there is no experiment %q", name)
	}
	names := experiments.Names()
	if near := text.Nearest(name, names); near != "" {
		return suite.Usagef("%s; did you mean -exp %s? (experiments: %s)", found, near, strings.Join(names, ", "))
	}
	return suite.Usagef("%s; want one of: %s", found, strings.Join(names, ", "))
}

func list(w io.Writer) {
	for _, name := range experiments.Names() {
		e, _ := experiments.Find(name)
		_, summary := e.Title()
		fmt.Fprintf(w, "%-16s %s\n", name, summary)
	}
}

func usage(w io.Writer) {
	name := strings.Join(program(), " ")
	fmt.Fprintf(w, "Usage: %s -exp NAME [flags]\n       %s -compare DIR[,DIR…] [-sort COLUMN] [-format text|csv|markdown] [-by-seed=false]\n       %s -serve[=ADDR] [-out DIR]\n       %s -page [-out DIR]\n       %s -predict -weights RUN|FILE [-format text|csv|json] PICTURE…\n       %s -export FILE.onnx -weights RUN|FILE\n\nExperiments:\n", name, name, name, name, name, name)
	list(w)
	help.Write(w, new(command).flags(io.Discard), name)
}

func (c *command) flags(stderr io.Writer) *flag.FlagSet {
	fs := flag.NewFlagSet("cnnlab", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run reports what is wrong
	fs.StringVar(&c.name, "exp", "", "the experiment `NAME`")
	fs.BoolVar(&c.list, "list", false, "list the experiments")
	fs.Func("completion", "print a script for `SHELL`, bash, zsh or fish, that completes this command line", func(s string) error {
		if c.shell = s; !slices.Contains(help.Shells, s) {
			return errors.New("want one of " + strings.Join(help.Shells, ", "))
		}
		return nil
	})
	c.viewing.Flags(fs)
	c.using.Flags(fs)
	c.options.Flags(fs, stderr)
	c.comparing.Flags(fs)
	return fs
}
