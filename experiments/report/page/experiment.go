package page

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cnnlab/experiments/report/runs"
)

// experiment is one directory of the results.
type experiment struct {
	dir, name string
	step      Step // zero for one that the program does not know
	rank      int  // of the step
	order     int  // on the page
	runs      map[string]*run
	dirs      []string      // of runs
	plan      string        // stamp of runs.csv
	planned   []runs.RunRow // of runs.csv
	plannedAt time.Time
	merged    string // stamp of the merged curves that were read
	seen      string // stamp of the files that the section is made of, at the last call
	shown     string // and when it was made
	section   *Section
}

func (e *experiment) before(other *experiment) int {
	return cmp.Or(cmp.Compare(e.rank, other.rank), cmp.Compare(e.name, other.name))
}

// list looks at which runs there are.
func (e *experiment) list() {
	e.dirs, _ = runs.Subdirs(e.path("runs")) // missing for a task
	now := stamp(e.path(runs.RunsName))
	if now == e.plan {
		return
	}
	planned, err := runs.ReadRuns(e.path(runs.RunsName))
	if info, errStat := os.Stat(e.path(runs.RunsName)); err == nil && errStat == nil {
		e.plan, e.planned, e.plannedAt = now, planned, info.ModTime()
	}
}

// refresh returns what has changed since the last call. A training curve has at most
// points points.
func (e *experiment) refresh(points int) (events []Event) {
	e.readMerged(points)
	other := e.findRuns(points)
	for _, r := range e.runs {
		if gain, ok := r.refresh(); ok {
			gain.Section = e.name
			events = append(events, Event{KindCurve, gain})
		}
	}
	// While a command writes its report, the files change one after another; the section
	// follows when they have come to rest.
	seen := stamp(e.files()...)
	settled := seen == e.seen || e.section == nil
	e.seen = seen
	switch {
	case len(e.runs) == 0 && !e.has("summary.md"):
		return nil
	case settled && seen != e.shown, e.section == nil, other && len(e.section.Runs) == 0:
		e.shown = seen
		e.arrange()
		e.section = e.newSection()
		return []Event{{KindSection, e.section}} // it holds the gains
	case other:
		e.arrange()
		e.section.Runs = e.sorted()
		return []Event{{KindRuns, e.section.Data()}}
	}
	return events
}

func (e *experiment) path(name string) string { return filepath.Join(e.dir, name) }

func (e *experiment) has(name string) bool {
	_, err := os.Stat(e.path(name))
	return err == nil
}

// files returns the paths that the section is made of.
func (e *experiment) files() (paths []string) {
	entries, _ := os.ReadDir(e.dir)
	for _, entry := range entries {
		switch filepath.Ext(entry.Name()) {
		case ".md", ".svg", ".png", ".txt":
			paths = append(paths, e.path(entry.Name()))
		}
	}
	return append(paths, e.path("confusion.csv"), e.path(runs.RunsName))
}

// readMerged reads the merged curves of runs that have no directory here, as in results
// that were copied without them.
func (e *experiment) readMerged(points int) {
	now := e.plan + stamp(e.path(runs.EpochsName), e.path(runs.StepsName))
	if now == e.merged {
		return
	}
	e.merged = now
	bare := make(map[string]*run)
	for _, row := range e.planned {
		if !slices.Contains(e.dirs, runs.Path(e.dir, row.Run)) {
			bare[row.Run] = newRun(row, "", points)
		}
	}
	maps.DeleteFunc(e.runs, func(id string, r *run) bool { return r.dir == "" })
	maps.Copy(e.runs, bare)
	if len(bare) == 0 {
		return
	}
	for row, err := range runs.ReadSteps(e.path(runs.StepsName)) {
		if r := bare[row.Run]; err == nil && r != nil {
			r.addStep(row)
		}
	}
	epochs, _ := runs.ReadEpochs(e.path(runs.EpochsName)) // as far as they can be read
	for _, row := range epochs {
		if r := bare[row.Run]; r != nil {
			r.Epochs.add(row)
		}
	}
}

// findRuns takes up the runs that have begun, and drops those whose directories are gone.
// It reports whether there were any.
func (e *experiment) findRuns(points int) (changed bool) {
	for _, dir := range e.dirs {
		id := filepath.Base(dir)
		if e.runs[id] != nil || runs.CheckName(id) != nil {
			continue
		}
		if record, err := runs.ReadState(dir); err == nil {
			e.runs[id] = newRun(record.Row(), dir, points)
			changed = true
		}
	}
	before := len(e.runs)
	maps.DeleteFunc(e.runs, func(id string, r *run) bool { return r.dir != "" && !slices.Contains(e.dirs, r.dir) })
	return changed || len(e.runs) != before
}

// arrange puts the runs in the order of the plan, and names their groups.
func (e *experiment) arrange() {
	all := slices.Collect(maps.Values(e.runs))
	for _, r := range all {
		r.place = slices.IndexFunc(e.planned, func(row runs.RunRow) bool { return row.Run == r.ID })
		if r.Other = false; r.place >= 0 {
			r.damaged = e.planned[r.place].Status == runs.StatusDamaged
			continue
		}
		r.place = len(e.planned)
		r.Other = e.planned != nil && r.record.Started.Before(e.plannedAt.Add(-time.Second)) && r.record.Status != runs.StatusRunning
	}
	slices.SortFunc(all, func(a, b *run) int {
		return cmp.Or(cmp.Compare(a.place, b.place), a.record.Started.Compare(b.record.Started), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Seed, b.Seed))
	})
	name(all)
	for i, r := range all {
		r.place = i
	}
}

// sorted returns the runs in order.
func (e *experiment) sorted() []*run {
	return slices.SortedFunc(maps.Values(e.runs), func(a, b *run) int { return cmp.Compare(a.place, b.place) })
}

// name names the groups of runs that differ only in the seed: by what is compared, a
// variant or the learning rate. Where two groups would have the same name, it adds in what
// they differ from the first.
func name(all []*run) {
	rates := make(map[float64]bool)
	for _, r := range all {
		rates[r.row.LR] = true
	}
	keys := make(map[string][]string) // of a name: the configurations of its groups
	cells := make(map[string][]string)
	for _, r := range all {
		variant := r.variant()
		switch {
		case variant == "":
			variant = "learning rate " + runs.FormatRate(r.row.LR)
		case len(rates) > 1:
			variant += " " + runs.FormatRate(r.row.LR)
		}
		row := runs.RunRow{Config: r.row.Config}
		row.Seed = 0
		key := strings.Join(row.Cells(), ",")
		cells[key] = row.Cells()
		if !slices.Contains(keys[variant], key) {
			keys[variant] = append(keys[variant], key)
		}
		r.Group = variant
		if first := keys[variant][0]; key != first {
			var differences []string
			for i, column := range runs.Columns[runs.RunRow]() {
				if cells[key][i] != cells[first][i] {
					differences = append(differences, column+" "+cells[key][i])
				}
			}
			r.Group += " (" + strings.Join(differences, ", ") + ")"
		}
	}
}
