package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/licensecheck"
	"github.com/pkg/errors"
	"github.com/rogpeppe/go-internal/testscript"

	"cnnlab/data"
	"cnnlab/experiments/report/text"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cnnlab": main})
}

// noNetwork makes every connection fail at once.
const noNetwork = "http://127.0.0.1:1"

// TestCommandLine runs testdata/script. The condition [mnist] holds where
// CNNLAB_DATA has MNIST.
func TestCommandLine(t *testing.T) {
	dir := os.Getenv("CNNLAB_DATA")
	_, err := os.Stat(filepath.Join(dir, "mnist"))
	mnist := dir != "" && err == nil
	if !mnist {
		t.Log("CNNLAB_DATA holds no MNIST: the scripts that need it are skipped")
	}
	cache := t.TempDir() // of all scripts: MNIST is unpacked into it once
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HTTPS_PROXY", noNetwork)
			if mnist {
				e.Setenv("MNIST", dir)
				e.Setenv("XDG_CACHE_HOME", cache)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) { return cond == "mnist" && mnist, nil },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exitcode": positive(exitCode), "header": positive(header), "lines": positive(lines),
			"files": positive(files), "await": positive(await), "match": match, "cell": positive(cell),
			"earlier": positive(earlier), "damages": positive(damages), "pictures": positive(pictures), "only": positive(only),
		},
	})
}

// positive refuses "!" before a command that has no opposite.
func positive(f func(ts *testscript.TestScript, args []string)) func(ts *testscript.TestScript, neg bool, args []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command has no opposite")
		}
		f(ts, args)
	}
}

// exitCode runs cnnlab and wants that exit code: exitcode 2 -exp nothing.
func exitCode(ts *testscript.TestScript, args []string) {
	err := ts.Exec("cnnlab", args[1:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want := args[0]; strconv.Itoa(code) != want {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}

// glob returns the files that match, and their lines.
func glob(ts *testscript.TestScript, pattern string) (names, lines []string) {
	names, err := filepath.Glob(ts.MkAbs(pattern))
	ts.Check(err)
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && !info.IsDir() {
			lines = append(lines, strings.Split(strings.TrimSuffix(ts.ReadFile(name), "\n"), "\n")...)
		}
	}
	return names, lines
}

// earlier unpacks the results of a revision, compares them, repeats their finished sweep
// and continues their baseline, which must say so on stderr and end with the bits of the
// unbroken one: earlier c2ccba8 'continues after step'.
func earlier(ts *testscript.TestScript, args []string) {
	out := args[0]
	unpack(ts, filepath.Join("testdata", "earlier", out+".tar.gz"))
	const configuration = "-dataset digits -limit 300 -channels 2 -hidden 4 -lr 0.1 -out "
	for _, c := range []struct{ command, want string }{
		{"-compare " + out + " -format csv", "lr-sweep,digits,300,2,0,3,4,100,2,sgd,0.1,constant,0.9,0,0,0,0,false,false,true,fast,1,done"},
		{"-exp lr-sweep -epochs 2 " + configuration + out, "chosen"},
		{"-exp baseline -epochs 12 " + configuration + out, "done"},
	} {
		ts.Check(ts.Exec("cnnlab", strings.Fields(c.command)...))
		if stdout := ts.ReadFile("stdout"); !strings.Contains(stdout, c.want) {
			ts.Fatalf("%s: no %q in\n%s", c.command, c.want, stdout)
		}
	}
	if stderr := ts.ReadFile("stderr"); !strings.Contains(stderr, args[1]) {
		ts.Fatalf("%s: no %q in\n%s", out, args[1], stderr)
	}
	for _, file := range []string{"steps.csv", "weights.safetensors"} {
		run := filepath.Join("baseline-digits", "runs", "digits-lr0.1-s1-2e3f7f5b", file)
		if ts.ReadFile(filepath.Join(out, run)) != ts.ReadFile(filepath.Join("unbroken", run)) {
			ts.Fatalf("%s: %s differs from the unbroken run's", out, file)
		}
	}
}

// pictures writes so many generated digits of each class as pictures, in a folder for each:
// pictures own 12.
func pictures(ts *testscript.TestScript, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	set := data.Digits(1, 60*n, 10)
	written := make(map[byte]int)
	for i, label := range set.Train.Labels {
		if written[label]++; written[label] > n {
			continue
		}
		path := ts.MkAbs(filepath.Join(args[0], set.Classes[label], fmt.Sprintf("%03d.png", written[label])))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
		var b bytes.Buffer
		ts.Check(png.Encode(&b, set.Image(set.Train, i)))
		ts.Check(os.WriteFile(path, b.Bytes(), 0o666))
	}
}

// only puts the only path that matches into a variable: only RUN 'results/*/runs/*'.
func only(ts *testscript.TestScript, args []string) {
	names, _ := glob(ts, args[1])
	if len(names) != 1 {
		ts.Fatalf("%q match %s, want one", names, args[1])
	}
	ts.Setenv(args[0], names[0])
}

// damages changes each file of the only finished run of a variant in results and wants
// the program to say so: damages good both -exp regularized …
func damages(ts *testscript.TestScript, args []string) {
	results, variant, command := args[0], args[1], args[2:]
	again, made := variant+"-", "has been made again from the weights"
	for _, c := range []struct {
		file, how   string
		says        string // by the experiment's command
		code        int
		compareSays string
		compareCode int
	}{
		{"steps.csv", "byte", "steps.csv: changed since the run wrote it", 1, "steps.csv: changed", 1},
		{"epochs.csv", "row", "the run wrote", 1, "the run wrote", 1},
		{"predictions.csv", "row", made, 0, "the run wrote", 1},
		{"weights.safetensors", "gone", "weights.safetensors: missing", 1, "weights.safetensors: missing", 1},
		{"run.json", "byte", "run.json will be rewritten", 0, "run.json: ", 1},
		{"run.json", "gone", again, 0, again, 0},
		{"../../runs.csv", "byte", "", 0, "", -1},
	} {
		ts.Check(os.RemoveAll(ts.MkAbs("damaged")))
		ts.Check(os.CopyFS(ts.MkAbs("damaged"), os.DirFS(ts.MkAbs(results))))
		dirs, err := filepath.Glob(ts.MkAbs("damaged/*/runs/" + variant + "-*"))
		if err != nil || len(dirs) != 1 {
			ts.Fatalf("%d runs of %s, want 1", len(dirs), variant)
		}
		damage(ts, filepath.Join(dirs[0], c.file), c.how)
		for _, try := range []struct {
			args []string
			says string
			code int
		}{{[]string{"-compare", "damaged"}, c.compareSays, c.compareCode}, {append(slices.Clone(command), "-out", "damaged"), c.says, c.code}} {
			code := 0
			if err := ts.Exec("cnnlab", try.args...); err != nil {
				code = err.(*exec.ExitError).ExitCode()
			}
			said := ts.ReadFile("stderr") + ts.ReadFile("stdout")
			if try.code >= 0 && code != try.code || !strings.Contains(said, try.says) {
				ts.Fatalf("%s, %s, %s: exit code %d, want %d and %q:\n%s", c.file, c.how, try.args[0], code, try.code, try.says, said)
			}
			if code == 1 && try.args[0] == "-exp" && !strings.Contains(said, "damaged\n") {
				ts.Fatalf("%s, %s: the run is not marked in\n%s", c.file, c.how, said)
			}
		}
	}
}

// damage changes one byte of a file, cuts its last row, or removes it.
func damage(ts *testscript.TestScript, path, how string) {
	content, err := os.ReadFile(path)
	ts.Check(err)
	switch how {
	case "byte":
		content[len(content)/2] ^= 1
	case "row":
		content = content[:bytes.LastIndexByte(content[:len(content)-1], '\n')+1]
	case "gone":
		ts.Check(os.Remove(path))
		return
	}
	ts.Check(os.WriteFile(path, content, 0o666))
}

func unpack(ts *testscript.TestScript, archive string) {
	packed, err := os.Open(archive)
	ts.Check(err)
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	ts.Check(err)
	files := tar.NewReader(unpacked)
	for {
		h, err := files.Next()
		if err == io.EOF {
			return
		}
		ts.Check(err)
		if h.Typeflag != tar.TypeReg {
			continue
		}
		content, err := io.ReadAll(files)
		ts.Check(err)
		path := ts.MkAbs(h.Name)
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
		ts.Check(os.WriteFile(path, content, 0o666))
	}
}

// files wants so many files that match: files 1 'runs/*/run.json'.
func files(ts *testscript.TestScript, args []string) {
	if names, _ := glob(ts, args[1]); strconv.Itoa(len(names)) != args[0] {
		ts.Fatalf("%d files match %s, want %s", len(names), args[1], args[0])
	}
}

// header wants that first line: header steps.csv run,step,…
func header(ts *testscript.TestScript, args []string) {
	if _, lines := glob(ts, args[0]); len(lines) == 0 || lines[0] != args[1] {
		ts.Fatalf("%s begins with\n%.300q, want\n%q", args[0], lines, args[1])
	}
}

// lines wants so many lines, at least and at most: lines steps.csv 1 21.
func lines(ts *testscript.TestScript, args []string) {
	_, lines := glob(ts, args[0])
	low, err := strconv.Atoi(args[1])
	ts.Check(err)
	high, err := strconv.Atoi(args[2])
	ts.Check(err)
	if n := len(lines); n < low || n > high {
		ts.Fatalf("%s has %d lines, want %d to %d", args[0], n, low, high)
	}
}

// match wants a line that matches: match '"done"' 'runs/*/run.json'.
func match(ts *testscript.TestScript, neg bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	_, lines := glob(ts, args[1])
	if slices.ContainsFunc(lines, pattern.MatchString) == neg {
		ts.Fatalf("a line of %s that matches %s: %v", args[1], args[0], neg)
	}
}

// cell wants the row of a CSV that begins so to have these cells, by the names of
// their columns: cell runs.csv both- dropout 0.5 weight_decay 0.0005.
func cell(ts *testscript.TestScript, args []string) {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	at := slices.IndexFunc(rows, func(row []string) bool { return strings.HasPrefix(row[0], args[1]) })
	if at < 1 {
		ts.Fatalf("%s has no row that begins with %s", args[0], args[1])
	}
	for i := 2; i < len(args); i += 2 {
		column := slices.Index(rows[0], args[i])
		if column < 0 || rows[at][column] != args[i+1] {
			ts.Fatalf("%s: %q has not the %s %s", args[0], rows[at], args[i], args[i+1])
		}
	}
}

// await waits until the file has so many lines: await 'runs/*/steps.csv' 3.
func await(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	for range 1200 {
		if _, lines := glob(ts, args[0]); len(lines) >= want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s has not reached %d lines in a minute", args[0], want)
}

// TestSignalsHaveTheirExitCodes ends the context as the signals do.
func TestSignalsHaveTheirExitCodes(t *testing.T) {
	for signal, want := range map[syscall.Signal]int{syscall.SIGHUP: 129, syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(signalled{signal})
		var stderr strings.Builder
		args := []string{"-exp", "lr-sweep", "-dataset", "digits", "-lr", "0.01", "-out", t.TempDir()}
		if code := run(ctx, args, io.Discard, &stderr); code != want {
			t.Errorf("%v: exit code %d, want %d; %s", signal, code, want, &stderr)
		}
	}
}

// TestTheCommandThatContinuesIsTheSameWithoutFresh reads it as a shell does.
func TestTheCommandThatContinuesIsTheSameWithoutFresh(t *testing.T) {
	defer func(was string) { os.Args[0] = was }(os.Args[0])
	os.Args[0] = "/it's here/cnnlab"
	for _, c := range []struct{ args, want []string }{
		{[]string{"-exp", "lr-sweep", "-fresh", "-quiet"}, []string{"-exp", "lr-sweep", "-quiet"}},
		{[]string{"-fresh=true", "--exp=lr-sweep", "--fresh"}, []string{"--exp=lr-sweep"}},
		{[]string{"-out", "-fresh", "-shuffle=false", "-augment", "-fresh", "-lr", "0.1"}, []string{"-out", "-fresh", "-shuffle=false", "-augment", "-lr", "0.1"}},
		{[]string{"-out", "it's $HOME `x` \"y\" \\", "--"}, []string{"-out", "it's $HOME `x` \"y\" \\", "--"}},
	} {
		text := continuing(c.args)
		sh := exec.Command("sh", "-c", `set -- `+text+`; shift; printf '%s\n' "$@"`)
		out, err := sh.Output()
		if errors.Is(err, exec.ErrNotFound) {
			t.Skip("needs a POSIX shell")
		}
		if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %s: a shell sees %q, want %q; %v", c.args, text, got, c.want, err)
		}
	}
}

// commands returns the lines of the README that are shown as shell commands.
func commands(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile(`(?m)^    (go .*)$`).FindAllStringSubmatch(string(text), -1) {
		found = append(found, m[1])
	}
	return found
}

// TestHelpNamesTheProgramThatWasStarted: an installed one is not "go run .".
func TestHelpNamesTheProgramThatWasStarted(t *testing.T) {
	defer func(was string) { os.Args[0] = was }(os.Args[0])
	for started, want := range map[string]string{"/opt/bin/cnnlab": "Usage: /opt/bin/cnnlab -exp NAME", "/tmp/go-build123/b001/exe/cnnlab": "Usage: go run . -exp NAME"} {
		os.Args[0] = started
		var stdout strings.Builder
		if code := run(t.Context(), []string{"-h"}, &stdout, io.Discard); code != 0 || !strings.HasPrefix(stdout.String(), want) {
			t.Errorf("exit code %d, %.80q, want %q", code, stdout.String(), want)
		}
	}
}

// TestReadmeCommands runs the first command of the README at a reduced size, and
// holds the text of the second.
func TestReadmeCommands(t *testing.T) {
	got := commands(t)
	if len(got) < 2 || got[0] != "go run . -exp lr-sweep" || got[1] != "go test ./..." {
		t.Fatalf("the README's commands are %q", got)
	}
	out := t.TempDir()
	reduced := "-limit 300 -epochs 1 -channels 2,4 -hidden 8 -lr 0.003,0.01 -out"
	args := append(strings.Fields(got[0])[1:], strings.Fields(reduced)...)
	cmd := exec.Command("go", append(args, out)...)
	cmd.Env = append(os.Environ(), "HTTPS_PROXY="+noNetwork)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, text)
	}
	if charts, _ := filepath.Glob(filepath.Join(out, "lr-sweep*", "*.png")); len(charts) != 7 {
		t.Errorf("the command drew %q, want seven pictures", charts)
	}
}

// TestASixthExperimentNeedsNoOtherChange adds the experiment of the README's recipe,
// as it stands there, by an overlay of the build: a file and a line in List. It runs,
// and no test of the experiments or the command line has to change.
func TestASixthExperimentNeedsNoOtherChange(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program again")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, recipe, ok := strings.Cut(string(readme), "```go\n")
	recipe, _, _ = strings.Cut(recipe, "```")
	name := regexp.MustCompile(`(?m)^var (\w+) = suite\.Training`).FindStringSubmatch(recipe)
	list, err := os.ReadFile("experiments/experiments.go")
	if err != nil || !ok || name == nil {
		t.Fatalf("the README shows no experiment: %v", err)
	}
	dir := t.TempDir()
	overlay := map[string]map[string]string{"Replace": {}}
	for file, content := range map[string]string{
		"sixth.go":       recipe,
		"experiments.go": strings.Replace(string(list), "\tgradients,\n", "\t"+name[1]+",\n\tgradients,\n", 1),
	} {
		path, err := filepath.Abs(filepath.Join("experiments", file))
		if err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][path] = filepath.Join(dir, file)
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	content, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	flag := "-overlay=" + filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), content, 0o666); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "results")
	for _, args := range [][]string{
		{"vet", flag, "./experiments"},
		{"run", flag, ".", "-exp", "kernel-size", "-dataset", "digits", "-limit", "200", "-epochs", "1", "-channels", "2,2", "-hidden", "4", "-quiet", "-out", out},
		{"test", flag, "./experiments"},
		{"test", flag, "-run", "CommandLine/(all|usage)", "."},
	} {
		if said, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
	if summary, err := os.ReadFile(filepath.Join(out, "kernel-size-digits", "summary.md")); err != nil || !strings.Contains(string(summary), "| small |") {
		t.Errorf("summary: %v\n%s", err, summary)
	}
}

// TestTheHelpHasEveryFlagOnce, in one of its groups.
func TestTheHelpHasEveryFlagOnce(t *testing.T) {
	var stdout strings.Builder
	run(t.Context(), []string{"-h"}, &stdout, io.Discard)
	new(command).flags(io.Discard).VisitAll(func(f *flag.Flag) {
		if n := len(regexp.MustCompile(`(?m)^  -`+f.Name+`([ \[]|$)`).FindAllString(stdout.String(), -1)); n != 1 {
			t.Errorf("-%s stands %d times in the help", f.Name, n)
		}
	})
	for _, line := range strings.Split(stdout.String(), "\n") {
		if strings.HasPrefix(line, "  ") && text.Width(line) > 100 {
			t.Errorf("a line of the help is %d columns wide: %s", text.Width(line), line)
		}
	}
}

// TestLinksLeadSomewhere follows the links of what is written for readers to files
// of this repository, and the names of files in the README.
func TestLinksLeadSomewhere(t *testing.T) {
	pages := []string{"README.md", "experiments/README.md", "experiments/theory/theory.md", "model/README.md", "results/README.md", "results/reference/README.md"}
	summaries, err := filepath.Glob("results/reference/*/summary.md")
	if err != nil {
		t.Fatal(err)
	}
	followed := 0
	for _, page := range append(pages, summaries...) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		paths := regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`).FindAllStringSubmatch(string(text), -1)
		if page == "README.md" {
			paths = append(paths, regexp.MustCompile("`((?:experiments|model|data)/[a-z0-9_/.]*)`").FindAllStringSubmatch(string(text), -1)...)
		}
		for _, m := range paths {
			if strings.Contains(m[1], "://") {
				continue
			}
			followed++
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
	if followed < 40 {
		t.Errorf("%d links, want more: are they found?", followed)
	}
}

// TestTheDocumentationHasEveryFlag of the whole command line, and no other.
func TestTheDocumentationHasEveryFlag(t *testing.T) {
	content, err := os.ReadFile("experiments/README.md")
	if err != nil {
		t.Fatal(err)
	}
	fs := new(command).flags(io.Discard)
	fs.VisitAll(func(f *flag.Flag) {
		if !regexp.MustCompile("`-" + f.Name + "[\\[ `]|    .* -" + f.Name + " ").Match(content) {
			t.Errorf("experiments/README.md has no -%s", f.Name)
		}
	})
	for _, m := range regexp.MustCompile("(?m)^\\| `-([a-z0-9-]+)").FindAllStringSubmatch(string(content), -1) {
		if fs.Lookup(m[1]) == nil {
			t.Errorf("experiments/README.md has -%s, which does not exist", m[1])
		}
	}
}

var update = flag.Bool("update", false, "write the list of licences")

// compatible are the licences that go with Apache 2.0.
var compatible = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "FTL", "ISC", "MIT", "OFL-1.1", "Unlicense"}

// TestLinkedModulesHaveCompatibleLicences reads the licence of every module in the
// program and holds that model/README.md ends with their list:
//
//	go test -run Licences -update .
func TestLinkedModulesHaveCompatibleLicences(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}\n{{end}}{{end}}", ".")
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64") // the same list on every machine
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(strings.ReplaceAll(string(out), " ", "\x00"))
	slices.Sort(lines)
	want := ""
	for _, line := range slices.Compact(lines) {
		module, dir, _ := strings.Cut(line, "\x00")
		licences := licencesIn(t, dir)
		if module == "github.com/golang/freetype" { // the FreeType License or the GPL, as one likes
			licences = []string{"FTL"}
		}
		if licences == nil {
			t.Errorf("%s: no licence is recognized", module)
		}
		for _, id := range licences {
			if !slices.Contains(compatible, id) {
				t.Errorf("%s is under %s, which is not in the list of compatible licences", module, id)
			}
		}
		want += fmt.Sprintf("    %-45s %s\n", module, strings.Join(licences, ", "))
	}
	const page, heading = "model/README.md", "## Licences of the modules that the program links\n\n"
	content, err := os.ReadFile(page)
	before, found, ok := strings.Cut(string(content), heading)
	if err != nil || !ok {
		t.Fatalf("%s has no heading %q: %v", page, heading, err)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+heading+want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if found != want {
		t.Errorf("%s ends with\n%s\nwant\n%s", page, found, want)
	}
}

// licencesIn are those of the licence files of a module; what follows in a file is
// about code that comes with the module.
func licencesIn(t *testing.T, dir string) (ids []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := strings.ToLower(e.Name()); e.IsDir() || !strings.HasPrefix(strings.TrimPrefix(name, "un"), "licen") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if found := licensecheck.Scan(content).Match; len(found) > 0 && !slices.Contains(ids, found[0].ID) {
			ids = append(ids, found[0].ID)
		}
	}
	return ids
}

// rooms are the packages and what each may import of the others. Arrows run
// downwards: a room imports only rooms that are listed after it.
var rooms = []struct {
	name    string
	imports []string
}{
	{"cnnlab", []string{"experiments", "experiments/suite", "experiments/serve", "experiments/trained", "experiments/help", "experiments/report/text"}},
	{"experiments", []string{"data", "model", "experiments/suite", "experiments/trained", "experiments/report/page", "experiments/outcome", "experiments/theory", "experiments/report/table", "experiments/report/text"}},
	{"experiments/suite", []string{"data", "data/durable", "model", "experiments/cluster", "experiments/trained", "experiments/outcome", "experiments/report/page", "experiments/report/tensorboard", "experiments/report/runs", "experiments/report/compare", "experiments/report/table", "experiments/report/text"}},
	{"experiments/theory", []string{"data", "model", "model/ops", "experiments/outcome", "experiments/report/runs", "experiments/report/chart", "experiments/report/table"}},
	{"experiments/outcome", []string{"data/durable", "experiments/report/runs", "experiments/report/chart", "experiments/report/table", "experiments/report/stats", "experiments/report/text"}},
	{"experiments/cluster", nil},
	{"experiments/help", []string{"experiments/report/text"}},
	{"experiments/serve", []string{"data", "model", "experiments/trained", "experiments/report/page", "experiments/report/runs"}},
	{"experiments/trained", []string{"data", "data/own", "data/durable", "model", "experiments/report/runs", "experiments/report/table"}},
	{"experiments/report/page", []string{"data/durable", "experiments/report/runs", "experiments/report/stats"}},
	{"experiments/report/tensorboard", []string{"data/durable", "experiments/report/runs"}},
	{"experiments/report/compare", []string{"data/durable", "experiments/report/runs", "experiments/report/table", "experiments/report/stats", "experiments/report/text"}},
	{"experiments/report/runs", []string{"data/durable", "experiments/report/text"}},
	{"experiments/report/chart", []string{"experiments/report/stats", "experiments/report/text"}},
	{"experiments/report/table", []string{"experiments/report/text"}},
	{"experiments/report/stats", nil},
	{"experiments/report/text", nil},
	{"model", []string{"model/ops", "model/internal/kernel"}},
	{"model/ops", []string{"model/internal/kernel"}},
	{"model/internal/kernel", nil},
	{"data", []string{"data/own", "data/draw", "data/fetch", "data/durable", "data/internal/exact"}},
	{"data/own", []string{"data/durable"}},
	{"data/draw", []string{"data/internal/exact"}},
	{"data/internal/exact", nil},
	{"data/fetch", []string{"data/durable"}},
	{"data/durable/durabletest", []string{"data/durable"}},
	{"data/durable", nil},
}

// TestRoomsImportOnlyWhatLiesBelow holds the arrows between the rooms, and that no
// package is outside them.
func TestRoomsImportOnlyWhatLiesBelow(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	short := func(path string) string { return strings.TrimPrefix(path, "cnnlab/") }
	order := func(name string) int {
		for i, r := range rooms {
			if r.name == name {
				return i
			}
		}
		t.Errorf("%s is not in the list of rooms", name)
		return -1
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		name := short(words[0])
		at := order(name)
		for _, path := range words[1:] {
			if strings.HasPrefix(path, "cnnlab/") && at >= 0 && (!slices.Contains(rooms[at].imports, short(path)) || order(short(path)) <= at) {
				t.Errorf("%s imports %s", name, short(path))
			}
			if name == "model/internal/kernel" && strings.HasPrefix(path, "gorgonia.org/") {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

// TestNoRoomIsCrowded: a newcomer takes in a room at a glance.
func TestNoRoomIsCrowded(t *testing.T) {
	for _, r := range rooms {
		files, err := filepath.Glob(filepath.Join(".", strings.TrimPrefix(r.name, "cnnlab"), "*"))
		if err != nil {
			t.Fatal(err)
		}
		code, entries := 0, 0
		for _, f := range files {
			info, err := os.Stat(f)
			if err != nil || info.IsDir() || strings.HasSuffix(f, "_test.go") {
				continue
			}
			entries++
			if strings.HasSuffix(f, ".go") {
				code++
			}
		}
		if code == 0 || code > 24 || r.name == "experiments" && entries > 12 {
			t.Errorf("%s has %d files, %d of them Go; want 1 to 24 Go files, and 12 files at most among the experiments", r.name, entries, code)
		}
	}
}

// TestTheTopLevel: nothing that a run has left behind is committed.
func TestTheTopLevel(t *testing.T) {
	want := []string{".ci", ".gitattributes", ".gitignore", "LICENSE", "README.md", "data", "experiments", "go.mod", "go.sum", "main.go", "main_test.go", "model", "results", "testdata"}
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("git lists no files: %v", err)
	}
	for _, path := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if top, _, _ := strings.Cut(path, "/"); !slices.Contains(want, top) {
			t.Errorf("%s is committed at the top level", path)
		}
	}
}
