package suite

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/table"
	"cnnlab/experiments/report/text"
	"cnnlab/model"
)

// forecast says what a command would do: the networks, the runs, and how much time, memory
// and disk they need. It trains a little to measure, and writes nothing.
func (s *study) forecast(ctx context.Context, stdout io.Writer) error {
	var b strings.Builder
	var kinds []Config // the networks that differ in shape or cost
	for _, r := range s.plan {
		if !slices.ContainsFunc(kinds, func(c Config) bool { return costsTheSame(c, r.Config) }) {
			kinds = append(kinds, r.Config)
		}
	}
	for i, c := range kinds {
		if err := s.describe(&b, c, i == 0); err != nil {
			return err
		}
	}
	left, disk := []taking{}, int64(0)
	scored := scoring{s.set.Train.Head(trainSample).Len() + s.set.Val.Len(), s.set.Test.Len()}
	speeds := make([]speed, len(kinds))
	for i, c := range kinds {
		var err error
		if speeds[i], err = s.calibrate(ctx, c); err != nil {
			return err
		}
	}
	t := table.Table{Columns: []table.Column{{Name: "run", Right: true}, {Name: "name"}, {Name: "steps left", Right: true}, {Name: "time alone", Right: true}}}
	for i, r := range s.plan {
		steps, ok := s.left(r)
		at := speeds[slices.IndexFunc(kinds, func(c Config) bool { return costsTheSame(c, r.Config) })]
		one := at.time(scored.after(r, steps))
		if ok {
			left = append(left, one)
			disk += s.disk(r)
		}
		cells := []string{fmt.Sprint(i), r.name(), text.Grouped(steps), round(one.alone).String()}
		if !ok {
			cells[2], cells[3] = "–", "finished"
		}
		t.Rows = append(t.Rows, cells)
	}
	fmt.Fprintf(&b, "\n%s, %d of them to train:\n\n", text.Count(len(s.plan), "run"), len(left))
	if err := t.WriteText(&b, 0); err != nil {
		return err
	}
	need := int64(0)
	for _, c := range kinds {
		need = max(need, needs(c, s.set).total())
	}
	pixels := int64(len(s.set.Train.Pixels) + len(s.set.Val.Pixels) + len(s.set.Test.Pixels))
	fmt.Fprintf(&b, "\nTime: about %v, with %s at once (measured for a few seconds on this machine as it is now).\n", round(makespan(left, s.opts.Jobs)), text.Count(min(s.opts.Jobs, max(1, len(left))), "run"))
	fmt.Fprintf(&b, "Memory: at least %s for the images and %s for each run at once.\n", megabytes(pixels), megabytes(need))
	fmt.Fprintf(&b, "Disk: about %s in %s.\n", megabytes(disk), s.dir)
	_, err := io.WriteString(stdout, b.String())
	return errors.Wrap(err, "stdout")
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// costsTheSame reports whether a step of two runs takes the same time.
func costsTheSame(a, b Config) bool {
	for _, c := range []*Config{&a, &b} {
		c.LR, c.Seed, c.Epochs, c.Schedule, c.Shuffle = 0, 0, 0, "", false
		if c.WeightDecay > 0 {
			c.WeightDecay = 1
		}
	}
	return slices.Equal(a.Channels, b.Channels) && fmt.Sprint(a) == fmt.Sprint(b)
}

// describe writes the layers of a network.
func (s *study) describe(w io.Writer, c Config, first bool) error {
	trainer, err := s.Build(c, s.set)
	if err != nil {
		return err
	}
	net := trainer.Network()
	t := table.Table{Columns: []table.Column{{Name: "layer"}, {Name: "output"}, {Name: "parameters", Right: true}, {Name: "MFLOP", Right: true}, {Name: "KB", Right: true}}}
	t.Rows = append(t.Rows, []string{"image", fmt.Sprintf("%d×%d×%d", s.set.Channels, s.set.Height, s.set.Width), "", "", kilobytes(s.set.Channels * s.set.Height * s.set.Width)})
	parameters, flop := 0, int64(0)
	for _, l := range net.Structure() {
		parameters, flop = parameters+l.Parameters, flop+2*l.Multiplications
		row := []string{strings.TrimSpace(l.Kind + " " + l.Name), strings.Trim(strings.ReplaceAll(fmt.Sprint([]int(l.Shape)), " ", "×"), "[]"), "", "", kilobytes(l.Shape.TotalSize())}
		if l.Kind == "Dropout" {
			row[0] += fmt.Sprintf("%g", l.Probability)
		}
		if l.Name != "" {
			row[2], row[3] = text.Grouped(l.Parameters), fmt.Sprintf("%.2f", 2*float64(l.Multiplications)/1e6)
		}
		t.Rows = append(t.Rows, row)
	}
	t.Rows = append(t.Rows, []string{"together", "", text.Grouped(parameters), fmt.Sprintf("%.2f", float64(flop)/1e6), ""})
	if first {
		fmt.Fprintf(w, "%s on %s. MFLOP and KB are for one image, forward; training takes about three times the arithmetic.\n", s.Name, s.set.Name)
	}
	fmt.Fprintf(w, "\nbatch %d, %s", c.Batch, c.Solver)
	if c.Augment {
		fmt.Fprint(w, ", augmentation")
	}
	fmt.Fprint(w, ":\n\n")
	return t.WriteText(w, 0)
}

func kilobytes(values int) string { return fmt.Sprintf("%.1f", 4*float64(values)/1e3) }

// speed is what was measured of a network: while as many trainings run as the command
// allows at once, and alone.
type speed struct{ beside, alone pace }

// pace is the time for one step and for scoring one image.
type pace struct{ step, image time.Duration }

// calibrateFor is how long each measurement lasts.
const calibrateFor = 1200 * time.Millisecond

func (s *study) calibrate(ctx context.Context, c Config) (v speed, err error) {
	if v.alone, err = s.measure(ctx, c, 1); err != nil || s.opts.Jobs == 1 {
		v.beside = v.alone
		return v, err
	}
	v.beside, err = s.measure(ctx, c, min(s.opts.Jobs, len(s.plan)))
	return v, err
}

// measure trains with c in so many goroutines at once, and returns the mean pace.
func (s *study) measure(ctx context.Context, c Config, at int) (p pace, err error) {
	var group sync.WaitGroup
	paces, failures := make([]pace, at), make([]error, at)
	for i := range at {
		group.Go(func() { paces[i], failures[i] = s.measureOne(ctx, c) })
	}
	group.Wait()
	for i := range at {
		p.step, p.image, err = p.step+paces[i].step/time.Duration(at), p.image+paces[i].image/time.Duration(at), cmp.Or(err, failures[i])
	}
	return p, err
}

func (s *study) measureOne(ctx context.Context, c Config) (p pace, err error) {
	t := &session{run: run{Config: c}, set: s.set}
	if err := s.build(t); err != nil {
		return p, err
	}
	const warm = 3 // steps that are not measured
	steps, start := 0, time.Now()
	for epoch := 1; steps <= warm || time.Since(start) < calibrateFor; epoch++ {
		t.step = (epoch - 1) * t.stepsPerEpoch()
		for _, batch := range t.batches(epoch) {
			if ctx.Err() != nil {
				return p, context.Cause(ctx)
			}
			if _, err := t.trainer.Step(batch.X, batch.Y); err != nil && !errors.Is(err, model.ErrDiverged) {
				return p, err
			}
			if steps++; steps == warm {
				start = time.Now()
			} else if steps > warm && time.Since(start) >= calibrateFor {
				break
			}
		}
	}
	p.step = time.Since(start) / time.Duration(steps-warm)
	scored := s.set.Val.Head(1000)
	start = time.Now()
	if _, err := Score(t.evaluator, c, s.set, scored, nil); err != nil && !errors.Is(err, model.ErrDiverged) {
		return p, err
	}
	p.image = time.Since(start) / time.Duration(max(1, scored.Len()))
	return p, nil
}

// taking is the time that work takes, beside others and alone.
type taking struct{ beside, alone time.Duration }

func (v speed) time(w work) taking {
	of := func(p pace) time.Duration { return time.Duration(w.steps)*p.step + time.Duration(w.images)*p.image }
	return taking{of(v.beside), of(v.alone)}
}

// makespan is the time that the runs take in order, jobs at once. A run goes at its pace
// alone when it is the only one, at that beside others when all jobs run, and in between
// in between.
func makespan(left []taking, jobs int) time.Duration {
	type active struct{ share, beside, alone float64 } // of the run that is left, 1 to 0
	var running []active
	total := 0.0
	for len(left) > 0 || len(running) > 0 {
		for len(running) < jobs && len(left) > 0 {
			running = append(running, active{1, left[0].beside.Seconds(), left[0].alone.Seconds()})
			left = left[1:]
		}
		crowd := 1.0
		if jobs > 1 {
			crowd = float64(len(running)-1) / float64(jobs-1)
		}
		next := math.Inf(1)
		for _, a := range running {
			next = min(next, a.share*(a.alone+crowd*(a.beside-a.alone)))
		}
		for i := range running {
			a := &running[i]
			a.share -= next / max(1e-9, a.alone+crowd*(a.beside-a.alone))
		}
		total += next
		running = slices.DeleteFunc(running, func(a active) bool { return a.share < 1e-9 })
	}
	return time.Duration(total * float64(time.Second))
}

// disk estimates the bytes that a run leaves.
func (s *study) disk(r run) int64 {
	parameters, _ := parameters(r.Config, s.set)
	const stepRow, epochRow, layerRow, prediction = 85, 170, 110, 14
	layers := int64(len(r.Config.Channels) + 2)
	return int64(r.steps())*stepRow*2 + int64(r.Config.Epochs)*(epochRow+layers*layerRow)*2 + int64(s.set.Test.Len())*prediction*2 + 4*parameters*3
}
