package report

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// sweepFigure is a learning-rate sweep as training gives it: seven rates, the
// last diverging at step 40, the one before stuck at chance.
func sweepFigure(loss bool, steps, window int) Figure {
	rng := rand.New(rand.NewPCG(1, 2))
	f := Figure{Title: "Training error at seven learning rates (mnist, batch 100)", XLabel: "iteration (batches)",
		YLabel: "training error of the batch", LogY: true, Percent: true, Ordered: true, Legend: "learning rate",
		YMin: new(0.005), YMax: new(1.0)}
	if loss {
		f.Title, f.YLabel, f.Percent, f.YMin, f.YMax = "Training loss at seven learning rates (mnist, batch 100)",
			"training loss (cross-entropy, nats)", false, new(0.01), new(5.0)
	}
	final := []float64{0.09, 0.055, 0.03, 0.018, 0.011, 0.9, 0.9}
	speed := []float64{300, 140, 60, 30, 18, 1e9, 1e9}
	for i, lr := range []float64{0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3} {
		s := Series{Name: strconv.FormatFloat(lr, 'g', -1, 64), Smooth: window, Raw: true}
		for step := 1; step <= steps; step++ {
			t := float64(step)
			p := final[i] + (0.9-final[i])*math.Exp(-t/speed[i]) + final[i]*0.5*math.Exp(-t/400)
			p = math.Min(p, 0.9)
			errs := 0
			for range 100 {
				if rng.Float64() < p {
					errs++
				}
			}
			y := float64(errs) / 100
			if loss {
				y = 2.56 * p * math.Exp(rng.NormFloat64()*0.35)
				if i == 6 {
					y = 2.3 * math.Exp(t/6)
				}
			}
			if i == 6 && step > 40 {
				break
			}
			s.X, s.Y = append(s.X, t), append(s.Y, y)
		}
		if i == 6 {
			s.EndMark = "diverged at step 40"
		}
		if i == 1 {
			s.Remark = "Gorgonia's default"
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// rateFigure is what a sweep ends with: accuracies over rates, the last of
// which there is not.
func rateFigure() Figure {
	x := []float64{0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3}
	val := []float64{0.915, 0.948, 0.972, 0.983, 0.9868, 0.9842, math.NaN()}
	test := []float64{0.912, 0.945, 0.970, 0.982, 0.9861, 0.9850, math.NaN()}
	return Figure{Title: "Accuracy by learning rate (mnist, 2 epochs)", XLabel: "learning rate",
		YLabel: "accuracy", LogX: true, XTicks: x, Percent: true,
		Series: []Series{
			{Name: "validation", X: x, Y: val, Points: true, ErrorBars: []float64{.003, .003, .002, .001, .001, .001}},
			{Name: "test", X: x, Y: test, Points: true, Dashed: true},
		},
		Notes: []Note{
			{X: 0.03, Y: 0.9868, Ring: true, Text: "chosen: 0.03"},
			{X: 0.001, Y: 0.948, Text: "Gorgonia's default"},
			{X: 0.3, Y: math.NaN(), Text: "diverged"},
		}}
}

func TestFiguresOfASweep(t *testing.T) {
	t.Parallel()
	for _, f := range []Figure{sweepFigure(false, 200, 20), sweepFigure(true, 200, 20)} {
		text := checkPicture(t, f)
		for _, want := range []string{"diverged at step 40", "Gorgonia&#39;s default", "0.0003", "moving average"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in the picture", f.Title, want)
			}
		}
	}
	text := checkPicture(t, rateFigure())
	for _, want := range []string{"chosen: 0.03", ">diverged<", "98 %", ">0.0003<"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the picture", want)
		}
	}
}

func TestRepeatedSeriesShareTheirColour(t *testing.T) {
	f := Figure{Series: make([]Series, 4), Repeat: 2}
	if f.colour(0) != f.colour(2) || f.colour(1) != f.colour(3) || f.colour(0) == f.colour(1) {
		t.Error("with Repeat 2 the first and third series do not share a colour, or the first and second do")
	}
	f.Repeat = 0
	if f.colour(0) == f.colour(2) {
		t.Error("without Repeat the first and third series share a colour")
	}
}
