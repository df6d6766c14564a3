package page

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/runs"
)

// Step is an experiment that the program knows.
type Step struct {
	Name     string
	Question string // that it answers
	Curves   string // shown first: "error" or "loss" for each training step, or "epochs"
}

// Results follows a results directory. It serves one goroutine.
type Results struct {
	dir         string
	steps       []Step
	experiments []*experiment // in the order of the steps, then by name
}

// Event is a change of the results, for the page: of the given kind, with data that JSON
// can hold.
type Event struct {
	Kind string
	Data any
}

// The kinds of events.
const (
	KindSection = "section" // a Section that is new, or replaces one of its name
	KindRuns    = "runs"    // a Section without its HTML, of which only the runs are new
	KindCurve   = "curve"   // a Gain
	KindRemoved = "removed" // the name of a section that is gone
)

// NewResults returns the results in directory dir, which nothing has been read of yet.
func NewResults(dir string, steps []Step) *Results { return &Results{dir: dir, steps: steps} }

// Refresh reads what has changed since the last call. A file that cannot be read, for
// example because it is being replaced, is left for the next call. The error says that
// the directory itself cannot be read.
func (r *Results) Refresh() ([]Event, error) {
	dirs, err := runs.Subdirs(r.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var events []Event
	r.experiments = slices.DeleteFunc(r.experiments, func(e *experiment) bool {
		gone := !slices.Contains(dirs, e.dir)
		if gone && e.section != nil {
			events = append(events, Event{KindRemoved, e.name})
		}
		return gone
	})
	for _, dir := range dirs {
		if !slices.ContainsFunc(r.experiments, func(e *experiment) bool { return e.dir == dir }) {
			r.experiments = append(r.experiments, r.experiment(dir))
		}
	}
	slices.SortFunc(r.experiments, func(a, b *experiment) int { return a.before(b) })
	runs := 1
	for i, e := range r.experiments {
		e.order = i
		e.list()
		runs += max(len(e.dirs), len(e.planned))
	}
	for _, e := range r.experiments {
		events = append(events, e.refresh(min(maxCurve, max(50, maxPoints/runs)))...)
	}
	return events, nil
}

// Sections returns the sections as they are now, in order.
func (r *Results) Sections() (all []*Section) {
	for _, e := range r.experiments {
		if e.section != nil {
			all = append(all, e.section)
		}
	}
	return all
}

// Run returns the record and the directory of a run that the page shows, given the name
// of its section and its id.
func (r *Results) Run(section, id string) (runs.Record, string, bool) {
	for _, e := range r.experiments {
		if run := e.runs[id]; e.name == section && run != nil && run.record.ID == id {
			return run.record, runs.Path(e.dir, id), true
		}
	}
	return runs.Record{}, "", false
}

// maxPoints are the points of all curves together, and maxCurve of one, so that the page
// stays small.
const (
	maxPoints = 60_000
	maxCurve  = 400
)

// experiment returns that of a directory. It is of the step with the longest name that
// the directory's begins with: lr-sweep-digits is of lr-sweep.
func (r *Results) experiment(dir string) *experiment {
	e := &experiment{dir: dir, name: filepath.Base(dir), rank: len(r.steps), runs: make(map[string]*run)}
	for i, s := range r.steps {
		if (e.name == s.Name || strings.HasPrefix(e.name, s.Name+"-")) && len(s.Name) > len(e.step.Name) {
			e.step, e.rank = s, i
		}
	}
	return e
}

// stamp identifies the state of files without reading them.
func stamp(paths ...string) string {
	var b strings.Builder
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(&b, path, info.ModTime().UnixNano(), info.Size())
		}
	}
	return b.String()
}
