package experiments

import "cnnlab/experiments/report"

// gradientsFigure shows the larger error of the two quantities at each shape, by
// method, over both readings and both kinds of upstream gradient. The methods of a
// shape stand side by side.
func gradientsFigure(rows []gradientRow) report.Figure {
	f := report.Figure{Title: "Largest relative error of the gradients, by shape and method", XLabel: "shape, numbered as in summary.md",
		YLabel: "largest relative error", LogY: true, YMin: new(1e-17), YMax: new(1e-2), Legend: "method"}
	series := make(map[string]int)
	for _, r := range rows {
		name := r.Method + ", " + r.Precision
		at, ok := series[name]
		if !ok {
			at = len(f.Series)
			series[name] = at
			f.Series = append(f.Series, report.Series{Name: name, Points: true, NoLine: true})
		}
		s := &f.Series[at]
		for len(s.Y) < r.Shape {
			s.X, s.Y = append(s.X, float64(len(s.X)+1)), append(s.Y, 0)
		}
		s.Y[r.Shape-1] = max(s.Y[r.Shape-1], r.Error)
		for len(f.XTicks) < r.Shape {
			f.XTicks = append(f.XTicks, float64(len(f.XTicks)+1))
		}
	}
	const width = 0.66 // of a shape
	for i, s := range f.Series {
		for j := range s.X {
			s.X[j] += width * (float64(i) + 0.5 - float64(len(f.Series))/2) / float64(len(f.Series))
		}
	}
	n := float64(len(f.XTicks))
	for _, t := range []struct {
		name  string
		value float64
	}{{"tolerance in float32", tolerance32}, {"tolerance in float64", tolerance64}} {
		f.Series = append(f.Series, report.Series{X: []float64{0.5, n + 0.5}, Y: []float64{t.value, t.value}, Dashed: true, Reference: true})
		f.Notes = append(f.Notes, report.Note{X: (n + 1) / 2, Y: t.value, Text: t.name})
	}
	return f
}
