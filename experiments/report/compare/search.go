package compare

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/text"

	"github.com/pkg/errors"
)

// search collects lines from the runs.csv files that paths lead to.
type search struct {
	rows     []row
	warnings []runs.Warning
	seen     map[runKey]int // index in rows
	lines    map[string]int // index in rows of a whole line
}

// runKey identifies a run, whichever runs.csv it is found in.
type runKey struct{ results, experiment, run string }

type row struct {
	results string      // the results directory that it comes from, as its path was given
	status  runs.Status // of the run
	cells   []string    // on one line each, without control characters
	sd      []string    // of a variant over its seeds: the standard deviations of the means in cells
}

func (s *search) warn(path string, format string, args ...any) {
	s.warnings = append(s.warnings, runs.Warning{Path: path, Reason: errors.Errorf(format, args...).Error()})
}

func (s *search) add(path string) {
	info, err := os.Stat(path)
	switch {
	case path == "":
		s.warn(`""`, "an empty path, want a directory")
	case err == nil && !info.IsDir():
		s.file(path)
	case err == nil && exists(filepath.Join(path, runs.RunsName)):
		if !s.file(filepath.Join(path, runs.RunsName)) {
			s.below(path)
		}
	case filepath.Base(filepath.Dir(absolute(path))) == "runs": // the line may be there without the directory
		s.run(path)
	case err != nil:
		s.warn(path, "%v, want a directory with a %s", durable.Cause(err), runs.RunsName)
	case !s.below(path):
		s.warn(path, "no %s in it nor in a directory below it; want a directory of results, of an experiment or of a run "+
			"(an experiment without -trial writes that file)", runs.RunsName)
	}
}

// file takes in the runs.csv at path and reports whether it could be read.
func (s *search) file(path string) bool {
	rows, err := runs.ReadRuns(path)
	if err != nil {
		s.warn(path, "%s", runs.Reason(path, err))
		return false
	}
	if len(rows) == 0 {
		s.warn(path, "no runs in it yet")
	}
	dir := filepath.Dir(path)
	for _, row := range rows {
		results := dir
		if belongs(row, dir) {
			results = filepath.Join(dir, "..")
		}
		s.checked(results, path, row)
	}
	return true
}

// checked takes in a line of the runs.csv at path. Where the run's directory is there,
// its files must be those that the run wrote, and the line must agree with its record.
func (s *search) checked(results, path string, found runs.RunRow) {
	for _, experiment := range []string{found.Experiment, found.Experiment + "-" + found.Dataset} {
		dir := runs.Path(filepath.Join(results, experiment), found.Run)
		if runs.CheckName(found.Run) != nil || !exists(dir) || !found.Status.Ended() {
			continue
		}
		record, damage := runs.Check(dir)
		if damage != nil && damage[0].Damage {
			s.warnings = append(s.warnings, damage...)
			return
		}
		if !record.Status.Ended() {
			break // started over since
		}
		was, is := found.Cells(), record.Row().Cells()
		for i, column := range runs.Columns[runs.RunRow]() {
			if was[i] != is[i] {
				s.warnings = append(s.warnings, runs.Warning{Path: path, Damage: true, Reason: fmt.Sprintf(
					"%s of run %s is %q, its run.json has %q; repeat the experiment's command to merge again", column, found.Run, was[i], is[i])})
				found = record.Row()
				break
			}
		}
	}
	s.row(results, found)
}

// below takes in the runs.csv of the directories in dir. It reports whether it found one
// or has warned that dir cannot be read.
func (s *search) below(dir string) bool {
	below, err := runs.Subdirs(dir)
	if err != nil {
		s.warn(dir, "%v", durable.Cause(err))
		return true
	}
	found := false
	for _, experiment := range below {
		if path := filepath.Join(experiment, runs.RunsName); exists(path) {
			s.file(path)
			found = true
		}
	}
	return found
}

func (s *search) run(dir string) {
	id := filepath.Base(absolute(dir))
	experiment := filepath.Join(dir, "..", "..")
	results := filepath.Join(experiment, "..")
	var looked []string
	for _, place := range []string{experiment, results} {
		path := filepath.Join(place, runs.RunsName)
		rows, err := runs.ReadRuns(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			looked = append(looked, "there is no "+path)
			continue
		case err != nil:
			s.warn(path, "%s", runs.Reason(path, err))
			looked = append(looked, path+" cannot be read")
			continue
		}
		for _, row := range rows {
			if row.Run == id && (place == experiment || belongs(row, experiment)) {
				s.checked(results, path, row)
				return
			}
		}
		looked = append(looked, "it has no line in "+path)
	}
	s.warn(dir, "%s; run its experiment once without -trial to write it", strings.Join(looked, " and "))
}

// row takes in a line unless search has it already. Of two states of one run it keeps
// the one that has ended, or else the first.
func (s *search) row(results string, found runs.RunRow) {
	compared := row{results: text.Line(results), status: found.Status, cells: found.Cells()}
	for i := range compared.cells {
		compared.cells[i] = text.Line(compared.cells[i])
	}
	key := runKey{absolute(results), found.Experiment, found.Run}
	if real, err := filepath.EvalSymlinks(key.results); err == nil {
		key.results = real
	}
	line := strings.Join(compared.cells, "\n")
	at, twice := s.seen[key]
	copied, isCopy := s.lines[line]
	switch {
	case twice && compared.status.Ended() && !s.rows[at].status.Ended():
		s.rows[at] = compared
	case !twice && isCopy:
		at = copied
	case !twice:
		at = len(s.rows)
		s.rows = append(s.rows, compared)
	}
	s.seen[key], s.lines[line] = at, at
}

// belongs reports whether dir has the name of a directory of row's experiment.
func belongs(row runs.RunRow, dir string) bool {
	name := filepath.Base(absolute(dir))
	return name == row.Experiment || name == row.Experiment+"-"+row.Dataset
}

// absolute returns the absolute path, or path itself if the working directory is
// unknown.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist) // any other error comes up again on reading
}
