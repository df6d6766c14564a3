package experiments

import (
	"encoding/json"
	"io"
	"math"

	"cnnlab/experiments/report"
)

// rateResult is what a sweep found at one learning rate, over its seeds.
type rateResult struct {
	LR      float64
	Runs    []report.RunRow
	TrainE  []float64 // final training errors, of the runs that have an epoch
	Val     []float64 // val accuracies, of the runs that are done
	ValLoss []float64 // val losses, likewise
	Test    []float64 // test accuracies, likewise
}

// byRate groups the runs of a sweep by learning rate, in plan order.
func byRate(o *Outcome) []*rateResult {
	var all []*rateResult
	for _, row := range o.Runs {
		r := find(all, row.LR)
		if r == nil {
			r = &rateResult{LR: row.LR}
			all = append(all, r)
		}
		r.Runs = append(r.Runs, row)
		last, ok := o.finalEpoch(row.Run)
		if ok {
			r.TrainE = append(r.TrainE, 1-last.TrainAccuracy)
		}
		if ok && row.Status == report.StatusDone && row.ValAccuracy != nil && row.TestAccuracy != nil {
			r.Val, r.ValLoss, r.Test = append(r.Val, *row.ValAccuracy), append(r.ValLoss, last.ValLoss), append(r.Test, *row.TestAccuracy)
		}
	}
	return all
}

func find(all []*rateResult, lr float64) *rateResult {
	for _, r := range all {
		if r.LR == lr {
			return r
		}
	}
	return nil
}

// done is whether every seed came to its end.
func (r *rateResult) done() bool { return len(r.Val) == len(r.Runs) }

// status is that of the runs, or how many of them came to their end.
func (r *rateResult) status() report.Status {
	for _, row := range r.Runs {
		if row.Status != report.StatusDone {
			return row.Status
		}
	}
	return report.StatusDone
}

// choose returns the rate with the highest val accuracy, the mean over its
// seeds; ties go to the lower val loss. Rates of which a seed diverged, and
// Gorgonia's default, are no candidates. It returns nil if there is none.
func choose(rates []*rateResult) *rateResult {
	var best *rateResult
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

// writeChoice writes chosen.json.
func (o *Outcome) writeChoice(best *rateResult) error {
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

// meanCurve is the mean of the curves of several seeds, as far as all go.
func meanCurve(curves [][]float64) []float64 {
	if len(curves) == 0 {
		return nil
	}
	shortest := math.MaxInt
	for _, c := range curves {
		shortest = min(shortest, len(c))
	}
	mean := make([]float64, shortest)
	for i := range mean {
		for _, c := range curves {
			mean[i] += c[i] / float64(len(curves))
		}
	}
	return mean
}
