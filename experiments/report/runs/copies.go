package runs

import (
	"fmt"
	"path/filepath"
	"slices"

	"cnnlab/experiments/report/text"
)

// leaveOutCopies keeps one directory of each run, with warnings that name both places. A
// sound one is kept rather than a damaged one, then one that lies in the directory of its
// experiment rather than in one of another name.
func (m *merger) leaveOutCopies() {
	type run struct{ experiment, id string }
	kept := make(map[run]found)
	for _, f := range m.found {
		key := run{f.record.Experiment, f.record.ID}
		if other, twice := kept[key]; !twice || f.rank() < other.rank() {
			kept[key] = f
		}
	}
	type places struct{ copies, originals string }
	var order []places
	count := make(map[places]int) // of equal runs
	m.found = slices.DeleteFunc(m.found, func(f found) bool {
		original := kept[run{f.record.Experiment, f.record.ID}]
		if f.dir == original.dir {
			return false
		}
		if differs := f.differs(original); differs != nil {
			m.warnings = append(m.warnings, Warning{Path: f.dir, Reason: fmt.Sprintf("a copy of %s that differs in %s", original.dir, text.List(differs))})
			return true
		}
		p := places{f.home(), original.home()}
		if count[p]++; count[p] == 1 {
			order = append(order, p)
		}
		return true
	})
	for _, p := range order {
		m.warnings = append(m.warnings, Warning{Path: p.copies, Reason: "copies of " + text.Count(count[p], "run") + " in " + p.originals})
	}
}

// home returns the directory of the experiment in which the run was found.
func (f found) home() string { return filepath.Dir(filepath.Dir(f.dir)) }

// rank is the lower, the better the directory is to read the run from.
func (f found) rank() (rank int) {
	if name := filepath.Base(f.home()); name != f.record.Experiment && name != f.record.Experiment+"-"+f.record.Config.Dataset {
		rank++
	}
	if f.record.Status == StatusDamaged {
		rank += 2
	}
	return rank
}

// differs returns the names of the files whose content differs from that of the other's.
func (f found) differs(other found) (names []string) {
	for _, name := range append([]string{recordName}, ended...) {
		mine, err := sumFile(filepath.Join(f.dir, name))
		its, otherErr := sumFile(filepath.Join(other.dir, name))
		if mine != its || (err == nil) != (otherErr == nil) {
			names = append(names, name)
		}
	}
	return names
}
