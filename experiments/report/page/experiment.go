package page

import (
	"cmp"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/runs"
)

// experiment is one directory of the results.
type experiment struct {
	Order     int
	dir, name string
	step      Step // zero for one that the program does not know
	rank      int
	runs      map[string]*run
	merged    string // stamp of the merged files that were read
	seen      string // stamp of the files that the section is made of, at the last call
	shown     string // and when it was made
	planned   []runs.RunRow
	mergedAt  time.Time
	section   *Section
}

func (e *experiment) before(other *experiment) int {
	return cmp.Or(cmp.Compare(e.rank, other.rank), cmp.Compare(e.name, other.name))
}

// refresh returns what has changed since the last call.
func (e *experiment) refresh(points int) (events []Event) {
	e.readMerged(points)
	fresh := e.findRuns()
	for _, r := range e.runs {
		if gain, ok := r.refresh(points); ok {
			gain.Section = e.name
			events = append(events, Event{KindCurve, gain})
		}
	}
	// While a command writes its report, the files change one after another; the section
	// follows when they have come to rest.
	seen := stamp(e.files()...)
	settled := seen == e.seen || e.section == nil
	e.seen = seen
	if len(e.runs) == 0 && !e.has("summary.md") {
		return nil
	}
	if !fresh && (seen == e.shown || !settled) {
		return events
	}
	e.shown = seen
	e.order()
	e.section = e.newSection()
	return []Event{{KindSection, e.section}} // it holds the gains
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

// readMerged reads the merged CSVs: the plan and, of runs that have no directory here, as
// in results that were copied without them, the curves.
func (e *experiment) readMerged(points int) {
	now := stamp(e.path(runs.RunsName), e.path(runs.EpochsName), e.path(runs.StepsName))
	if now == e.merged {
		return
	}
	planned, err := runs.ReadRuns(e.path(runs.RunsName))
	if err != nil {
		return
	}
	e.merged, e.planned = now, planned
	if info, err := os.Stat(e.path(runs.RunsName)); err == nil {
		e.mergedAt = info.ModTime()
	}
	bare := make(map[string]*run)
	for _, row := range planned {
		if _, err := os.Stat(runs.Path(e.dir, row.Run)); errors.Is(err, fs.ErrNotExist) {
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

// findRuns looks for the directories of runs, and reports whether there are other ones
// than at the last call.
func (e *experiment) findRuns() (changed bool) {
	dirs, _ := runs.Subdirs(e.path("runs")) // missing for a task
	found := make(map[string]bool)
	for _, dir := range dirs {
		id := filepath.Base(dir)
		if found[id] = true; e.runs[id] == nil && runs.CheckName(id) == nil {
			if row, ok := firstRow(dir); ok {
				e.runs[id] = newRun(row, dir, maxCurve)
				changed = true
			}
		}
	}
	before := len(e.runs)
	maps.DeleteFunc(e.runs, func(id string, r *run) bool { return r.dir != "" && !found[id] })
	return changed || len(e.runs) != before
}

// order puts the runs in the order of the plan, and names their groups.
func (e *experiment) order() {
	all := slices.Collect(maps.Values(e.runs))
	at := func(r *run) int {
		return slices.IndexFunc(e.planned, func(row runs.RunRow) bool { return row.Run == r.ID })
	}
	for _, r := range all {
		r.place = at(r)
		r.Other = r.place < 0 && e.planned != nil && r.record.Started.Before(e.mergedAt.Add(-time.Second)) && r.record.Status != runs.StatusRunning
		if r.place < 0 {
			r.place = len(e.planned)
		}
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

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
