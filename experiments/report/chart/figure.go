package chart

// Figure is a picture of curves over one pair of axes. A value that cannot be drawn
// (NaN, infinite, zero or negative on a log axis) never causes a panic: it is left
// out, or drawn at the edge with a note below the picture.
type Figure struct {
	Title          string
	XLabel, YLabel string // with the unit
	LogX, LogY     bool
	YMin, YMax     *float64  // nil: as the curves need
	XTicks         []float64 // labelled values of x; nil: round ones
	Percent        bool      // y is a fraction, shown in percent
	XPercent       bool      // x likewise
	Ordered        bool      // colours from dark to light, for series in an order such as learning rates
	Repeat         int       // series this far apart share a colour, such as train and val of one network; 0: none do
	Legend         string    // the title of the legend, such as "learning rate"
	Solid, Dashes  string    // the legend's entries for solid and for dashed lines, if dashed series have no name
	Footnote       string    // below the picture, such as how many runs a curve averages
	Series         []Series
	Notes          []Note
}

// Series is one curve. Points beyond the shorter of X and Y are left out; a
// point that is not finite breaks the line.
type Series struct {
	Name      string
	X, Y      []float64
	Smooth    int       // window of the moving average in front, with the curve itself thin and pale behind; 0 or 1: none
	Dashed    bool      // with hollow marks
	Strong    bool      // stands out from the other series
	Points    bool      // a mark at every point, or fewer where they would touch
	NoLine    bool      // with Points: the marks alone
	Reference bool      // a grey line for comparison, not in the legend
	ErrorBars []float64 // half lengths, in units of Y; NaN: none
	Band      []float64 // half heights of a pale band around the curve; NaN: none
	Remark    string    // below the name in the legend, such as "1 of 3 diverged"
	EndMark   string    // why the curve ends, such as "diverged at step 40": marked by a cross; empty: no cross
}

// Note is a text at a point. If Y is not finite the note is placed at the lower
// edge with a cross: the value is missing, and the text says why.
type Note struct {
	X, Y float64
	Text string
	Ring bool // a ring around the point, such as the one chosen
}

// clean returns the points of s that can be drawn, with NaN in place of the others,
// and the curve in front. Magnitudes whose differences overflow count as infinite.
func (s Series) clean(logX bool) (x, raw, front []float64) {
	n := min(len(s.X), len(s.Y))
	x, raw, front = s.X[:n], smooth(s.Y[:n], 1), smooth(s.Y[:n], s.Smooth) // NaN where s.Y breaks
	for i, v := range x {
		if !drawable(v) || logX && v <= 0 {
			raw[i], front[i] = nan, nan
		}
	}
	return x, raw, front
}
