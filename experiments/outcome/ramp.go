package outcome

import (
	"fmt"
	"math"
	"strconv"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/table"
)

// Ramp holds learning-rate range tests (Smith 2017, section 3.3), one for each seed: runs
// whose learning rate grows exponentially from step to step.
type Ramp struct {
	o     *Outcome
	tests []ramp
}

// ramp is one run up to the step where its loss has blown up.
type ramp struct {
	seed   uint64
	rates  []float64
	loss   []float64 // smoothed
	lowest int       // the step at which loss is lowest
	blown  bool
}

const (
	rampMemory = 0.98 // of the moving average of the loss
	rampBlowUp = 4    // times the lowest smoothed loss: the test ends
	rampSafety = 10   // the suggestion is this much below the rate at which the loss is lowest
)

// Ramp reads the tests of all runs. The loss is smoothed by an exponential moving average
// without bias at its start.
func (o *Outcome) Ramp() Ramp {
	r := Ramp{o: o}
	for _, row := range o.Runs {
		t := ramp{seed: row.Seed}
		average, weight := 0.0, 0.0
		for _, step := range o.steps[row.Run] {
			average = rampMemory*average + (1-rampMemory)*step.TrainLoss
			weight = rampMemory*weight + (1 - rampMemory)
			smooth := average / weight
			if t.blown = !(smooth <= rampBlowUp*t.best(smooth)); t.blown { // also NaN
				break
			}
			t.rates, t.loss = append(t.rates, step.LR), append(t.loss, smooth)
			if smooth < t.loss[t.lowest] {
				t.lowest = len(t.loss) - 1
			}
		}
		r.tests = append(r.tests, t)
	}
	return r
}

// best is the lowest smoothed loss so far, or that given if there is none.
func (t ramp) best(first float64) float64 {
	if len(t.loss) == 0 {
		return first
	}
	return t.loss[t.lowest]
}

// suggestion is a tenth of the rate at which the smoothed loss is lowest: there the loss no
// longer falls, well below it still falls fast. NaN if nothing was trained.
func (t ramp) suggestion() float64 {
	if len(t.rates) == 0 {
		return math.NaN()
	}
	return t.rates[t.lowest] / rampSafety
}

// Suggestion is the geometric mean of the seeds' suggestions, with two digits.
func (r Ramp) Suggestion() float64 {
	var logs []float64
	for _, t := range r.tests {
		logs = append(logs, math.Log(t.suggestion()))
	}
	return twoDigits(math.Exp(stats.Mean(logs)))
}

// twoDigits rounds to two significant digits.
func twoDigits(v float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 2, 64), 64) // it is a number
	return rounded
}

// Table has a line for each seed.
func (r Ramp) Table() table.Table {
	t := table.Table{Columns: []table.Column{{Name: "seed", Right: true}, {Name: "data set"}, {Name: "loss is lowest at rate", Right: true}, {Name: "smoothed loss there", Right: true}, {Name: "loss has blown up at rate", Right: true}, {Name: "suggested rate", Right: true}}}
	for _, test := range r.tests {
		row := []string{fmt.Sprint(test.seed), r.o.Dataset.Name, "–", "–", "–", "–"}
		if len(test.rates) > 0 {
			row[2], row[3], row[5] = short(test.rates[test.lowest]), fmt.Sprintf("%.3f", test.loss[test.lowest]), short(test.suggestion())
			if test.blown {
				row[4] = short(test.rates[len(test.rates)-1])
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func short(rate float64) string { return runs.FormatRate(twoDigits(rate)) }

// Answer names the suggested rate and the reason.
func (r Ramp) Answer() string {
	if v := r.Suggestion(); !math.IsNaN(v) {
		return fmt.Sprintf("Try learning rate %s. While the rate grows, the smoothed training loss is lowest at about %s and then rises again; a tenth of that rate is a common first choice.", short(v), short(v*rampSafety))
	}
	return ""
}

// Result returns the suggestion in one line.
func (r Ramp) Result() string {
	if v := r.Suggestion(); !math.IsNaN(v) {
		return "learning rate " + short(v) + " suggested"
	}
	return ""
}

// Text explains the test.
func (r Ramp) Text() string {
	return fmt.Sprintf("The learning rate grows exponentially from step to step, over one run. The loss is that of each batch, smoothed by a moving average with weight %g on the past; the test ends where it exceeds %d times its lowest value. "+
		"It says where to look, after a single run: it sees neither what the rate does over many epochs nor images that the network has not trained on. `-exp lr-sweep` does.", rampMemory, rampBlowUp)
}

// Figure draws the smoothed loss of each seed over the rate.
func (r Ramp) Figure() Figure {
	f := chart.Figure{Title: "Learning-rate range test on " + r.o.Dataset.Name, XLabel: "learning rate", YLabel: "smoothed training loss (cross-entropy, nats)", LogX: true, Legend: "seed"}
	high := 0.0
	for _, t := range r.tests {
		f.Series = append(f.Series, chart.Series{Name: fmt.Sprint(t.seed), X: t.rates, Y: t.loss})
		if len(t.loss) > 0 {
			high = max(high, 1.3*t.loss[0])
		}
	}
	f.YMin, f.YMax = new(float64), &high
	if v := r.Suggestion(); !math.IsNaN(v) && len(r.tests[0].loss) > 0 {
		t := r.tests[0]
		f.Notes = append(f.Notes,
			chart.Note{X: t.rates[t.lowest], Y: t.loss[t.lowest], Text: "lowest", Ring: true},
			chart.Note{X: v, Y: t.at(v), Text: "suggested: " + short(v) + ", a tenth of it", Ring: true})
	}
	return Figure{"lr-range", f}
}

// at is the smoothed loss at the step whose rate is nearest.
func (t ramp) at(rate float64) float64 {
	best := 0
	for i, v := range t.rates {
		if math.Abs(math.Log(v/rate)) < math.Abs(math.Log(t.rates[best]/rate)) {
			best = i
		}
	}
	return t.loss[best]
}
