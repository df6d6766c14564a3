package report

// Figure is a picture of curves over one pair of axes. What cannot be drawn
// (NaN, infinite, zero or negative on a log axis) never makes a panic: it is
// left out, or drawn at the edge and said so below the picture.
type Figure struct {
	Title          string
	XLabel, YLabel string // with the unit
	LogX, LogY     bool
	YMin, YMax     *float64  // nil: as the curves need
	XTicks         []float64 // labelled values of x; nil: round ones
	Percent        bool      // y is a fraction, its ticks are percent
	Ordered        bool      // colours from dark to light, for series in an order such as learning rates
	Repeat         int       // series that many apart share a colour, such as train and val of one network; 0: none do
	Legend         string    // what the series' names are, such as "learning rate"
	Dashes         string    // what the dashed series without a name are, in the legend
	Footnote       string    // said below the picture, such as how many runs a curve is the mean of
	Series         []Series
	Notes          []Note
}

// Series is one curve. Points beyond the shorter of X and Y are left out; a
// point that is not finite breaks the line.
type Series struct {
	Name      string
	X, Y      []float64
	Smooth    int  // window of the curve in front, see smooth; 0 or 1: as it is
	Raw       bool // with Smooth: the curve as it is, thin and pale behind
	Dashed    bool
	Points    bool      // a mark at every point
	NoLine    bool      // with Points: the marks alone
	Reference bool      // a grey line to measure the others by, not in the legend
	ErrorBars []float64 // half lengths, in units of Y; NaN: none
	Band      []float64 // half heights of a pale band around the curve, likewise
	Remark    string    // under the name in the legend, such as that one of several runs diverged
	EndMark   string    // not empty: a cross where the curve ends, and why, such as "diverged at step 40"
}

// Note is a text at a point. Where Y is not finite it stands at the lower edge
// with a cross: a value that there is not, and why.
type Note struct {
	X, Y float64
	Text string
	Ring bool // a ring around the point: the one that was chosen
}

// clean returns the points of s that can be drawn, X and Y equally long, and
// the curve in front. Magnitudes whose differences overflow count as infinite.
func (s Series) clean(logX bool) (x, raw, front []float64) {
	n := min(len(s.X), len(s.Y))
	x, raw, front = s.X[:n], make([]float64, n), s.Y[:n]
	if s.Smooth > 1 {
		front = smooth(front, s.Smooth)
	}
	front = append([]float64(nil), front...)
	for i := range n {
		raw[i] = s.Y[i]
		if !drawable(x[i]) || logX && x[i] <= 0 {
			raw[i], front[i] = nan, nan
		}
		if !drawable(raw[i]) {
			raw[i] = nan
		}
		if !drawable(front[i]) {
			front[i] = nan
		}
	}
	return x, raw, front
}
