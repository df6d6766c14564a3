package experiments

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/pkg/errors"

	"cnnlab/experiments/report"
)

// choose returns the rate with the highest val accuracy, the mean over its
// seeds; ties go to the lower val loss. Rates of which a seed diverged, and
// Gorgonia's default, are no candidates. It returns nil if there is none.
func choose(rates []*group) *group {
	var best *group
	for _, r := range rates {
		if !r.done() || r.LR == gorgoniaRate {
			continue
		}
		if best == nil || report.Mean(r.Val) > report.Mean(best.Val) ||
			report.Mean(r.Val) == report.Mean(best.Val) && report.Mean(r.ValLoss) < report.Mean(best.ValLoss) {
			best = r
		}
	}
	return best
}

// choice is chosen.json: the learning rate that later experiments take, and what
// it was chosen under.
type choice struct {
	LR          float64  `json:"lr"`
	ValAccuracy float64  `json:"val_accuracy"` // mean over the runs
	Runs        []string `json:"runs"`         // at that rate, one for each seed
	Against     []string `json:"against"`      // the other runs of the sweep
	Config      Config   `json:"config"`       // of the first of Runs
	Dataset     string   `json:"dataset_sha256"`
}

// writeChoice writes chosen.json. Where no rate is chosen it removes the one of a
// sweep before; one of this very plan stays while runs have not ended: another
// process, which saw more of them, has written it.
func (o *Outcome) writeChoice(best *group) error {
	if best == nil {
		path := o.path("chosen.json")
		if c, err := readChoice(path); !o.ended() && err == nil && o.isOf(c) {
			return nil
		}
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return errors.Wrap(err, "remove the choice of another sweep")
		}
		return nil
	}
	c := choice{LR: best.LR, ValAccuracy: report.Mean(best.Val), Config: best.Runs[0].Config, Dataset: o.Set.SHA256}
	for _, row := range o.Runs {
		if row.LR == best.LR {
			c.Runs = append(c.Runs, row.Run)
		} else {
			c.Against = append(c.Against, row.Run)
		}
	}
	return o.write("chosen.json", func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(c)
	})
}

// isOf is whether a choice was made among the runs of this plan.
func (o *Outcome) isOf(c choice) bool {
	runs := slices.Concat(c.Runs, c.Against)
	for _, id := range runs {
		if _, ok := o.labels[id]; !ok {
			return false
		}
	}
	return len(runs) == len(o.Runs)
}
