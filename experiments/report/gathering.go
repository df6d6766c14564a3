package report

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jszwec/csvutil"
	"github.com/pkg/errors"
)

// gathering collects the lines of the runs.csv that paths lead to.
type gathering struct {
	rows     []comparedRow
	warnings []Warning
	seen     map[runKey]int // index in rows
	lines    map[string]int // index in rows of a whole line
}

// runKey is what a run is known by, whichever runs.csv it is found in.
type runKey struct{ results, experiment, run string }

// comparedRow is a line of a runs.csv.
type comparedRow struct {
	results string   // the results directory it is from, as its path was given
	status  Status   // of the run
	cells   []string // on one line each, free of control characters
}

func (g *gathering) warn(path string, format string, args ...any) {
	g.warnings = append(g.warnings, Warning{Path: path, Reason: errors.Errorf(format, args...).Error()})
}

// add takes in what path leads to, or a warning why there is nothing.
func (g *gathering) add(path string) {
	info, err := os.Stat(path)
	switch {
	case path == "":
		g.warn(`""`, "an empty path, want a directory")
	case err == nil && !info.IsDir():
		g.file(path)
	case err == nil && exists(filepath.Join(path, runsName)):
		if !g.file(filepath.Join(path, runsName)) {
			g.below(path)
		}
	case filepath.Base(filepath.Dir(absolute(path))) == "runs": // the line may be there without the directory
		g.run(path)
	case err != nil:
		g.warn(path, "%v, want a directory with a %s", cause(err), runsName)
	case !g.below(path):
		g.warn(path, "no %s in it nor in a directory below it; want the directory of results, "+
			"of an experiment (whose plain command merges its runs into that file) or of a run", runsName)
	}
}

// file takes in the runs.csv at path and reports whether it could be read.
func (g *gathering) file(path string) bool {
	rows, err := ReadRuns(path)
	if err != nil {
		g.warn(path, "%s", reasonAt(path, err))
		return false
	}
	if len(rows) == 0 {
		g.warn(path, "no runs in it yet")
	}
	dir := filepath.Dir(path)
	for _, row := range rows {
		if belongs(row, dir) {
			g.row(filepath.Join(dir, ".."), row)
		} else {
			g.row(dir, row)
		}
	}
	return true
}

// below takes in the runs.csv of the directories in dir. It reports whether
// there was any, or a warning why not.
func (g *gathering) below(dir string) bool {
	below, err := subdirs(dir)
	if err != nil {
		g.warn(dir, "%v", cause(err))
		return true
	}
	found := false
	for _, experiment := range below {
		if path := filepath.Join(experiment, runsName); exists(path) {
			g.file(path)
			found = true
		}
	}
	return found
}

// run takes in the one run whose directory is dir.
func (g *gathering) run(dir string) {
	id := filepath.Base(absolute(dir))
	experiment := filepath.Join(dir, "..", "..")
	results := filepath.Join(experiment, "..")
	var looked []string
	for _, place := range []string{experiment, results} {
		path := filepath.Join(place, runsName)
		rows, err := ReadRuns(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			looked = append(looked, "there is no "+path)
			continue
		case err != nil:
			g.warn(path, "%s", reasonAt(path, err))
			looked = append(looked, path+" cannot be read")
			continue
		}
		for _, row := range rows {
			if row.Run == id && (place == experiment || belongs(row, experiment)) {
				g.row(results, row)
				return
			}
		}
		looked = append(looked, "it has no line in "+path)
	}
	g.warn(dir, "%s; the plain command of its experiment writes them", strings.Join(looked, " and "))
}

// row takes in a line, unless it is there already. Of two states of one run the
// one that ended is kept, else the first.
func (g *gathering) row(results string, row RunRow) {
	compared := comparedRow{results, row.Status, cellsOf(row)}
	key := runKey{absolute(results), row.Experiment, row.Run}
	if real, err := filepath.EvalSymlinks(key.results); err == nil {
		key.results = real
	}
	line := strings.Join(compared.cells, "\n")
	at, twice := g.seen[key]
	copied, isCopy := g.lines[line]
	switch {
	case twice && compared.status.Ended() && !g.rows[at].status.Ended():
		g.rows[at] = compared
	case !twice && isCopy:
		at = copied
	case !twice:
		at = len(g.rows)
		g.rows = append(g.rows, compared)
	}
	g.seen[key], g.lines[line] = at, at
}

// belongs reports whether dir is named as the directory of row's experiment.
func belongs(row RunRow, dir string) bool {
	name := filepath.Base(absolute(dir))
	return name == row.Experiment || name == row.Experiment+"-"+row.Dataset
}

// cellsOf are the cells of row in its CSV.
func cellsOf(row RunRow) []string {
	var line cells
	encoder := csvutil.NewEncoder(&line)
	encoder.AutoHeader = false
	encoder.WithMarshalers(csvutil.MarshalFunc(floatCell))
	if err := encoder.Encode(row); err != nil {
		panic(err) // a row type of this package that cannot be a row
	}
	for i := range line {
		line[i] = oneLine(line[i])
	}
	return line
}

// cells are those of the last line written.
type cells []string

// Write implements csvutil.Writer.
func (c *cells) Write(line []string) error {
	*c = append((*c)[:0], line...)
	return nil
}

// absolute is path from the root, or path itself where the root is not known.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist) // what cannot be looked at, reading it will say
}

// reasonAt is err without path before it, which a warning says anyway.
func reasonAt(path string, err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return strings.TrimPrefix(err.Error(), path+": ")
}
