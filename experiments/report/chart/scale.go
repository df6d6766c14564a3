package chart

import (
	"math"
	"slices"

	"cnnlab/experiments/report/stats"
)

var nan = math.NaN()

// drawable reports whether v is finite and small enough that any two such numbers have a
// finite difference.
func drawable(v float64) bool { return math.Abs(v) < 1e300 }

// scale maps values to the coordinates of a linear axis, through log10 if log is set.
type scale struct {
	log      bool
	whole    bool       // the values are counts, such as epochs: no ticks between them or beyond ends
	ends     [2]float64 // the first and the last value
	min, max float64    // coordinates at the ends of the axis, min < max
}

const leastPercent = 0.01

// halfAt returns the half length of the bar at point i, or 0 if there is none.
func halfAt(halves []float64, i int) float64 {
	if i >= len(halves) || !drawable(halves[i]) {
		return 0
	}
	return math.Abs(halves[i])
}

// at returns the coordinate of v. On a log axis everything below the lower end,
// including zero and negative values, lies on that end.
func (s scale) at(v float64) float64 {
	if !s.log {
		return v
	}
	return max(math.Log10(max(v, 0)), s.min)
}

func (s scale) value(at float64) float64 {
	if s.log {
		return math.Pow(10, at)
	}
	return at
}

// closer returns the coordinate of v, moved closer if v is far outside: it is still
// clipped, and cannot overflow.
func (s scale) closer(v float64) float64 {
	span := s.max - s.min
	return math.Max(s.min-span, math.Min(s.at(v), s.max+span))
}

// newScale returns a scale that spans values, which are finite, and leaves the fraction
// pad free at either end. A log axis ignores values ≤ 0.
func newScale(values []float64, log bool, pad float64) scale {
	s := scale{log: log, min: math.Inf(1), max: math.Inf(-1)}
	for _, v := range values {
		if log {
			if v <= 0 {
				continue
			}
			v = math.Log10(v)
		}
		s.min, s.max = math.Min(s.min, v), math.Max(s.max, v)
	}
	if s.min > s.max { // no values
		s.min, s.max = 0, 1
	}
	if s.max-s.min <= 1e-9*math.Max(math.Abs(s.min), math.Abs(s.max)) {
		room := math.Max(math.Abs(s.min)/10, 1e-3)
		if log {
			room = 0.5
		}
		s.min, s.max = s.min-room, s.max+room
	}
	room := pad * (s.max - s.min)
	s.min, s.max = s.min-room, s.max+room
	return s
}

// bound moves the ends of s to the values low and high if they are not nil and make
// sense.
func (s scale) bound(low, high *float64) scale {
	moved := s
	free := scale{log: s.log, min: math.Inf(-1)} // does not end at s.min
	usable := func(v *float64) bool { return v != nil && drawable(*v) && !(s.log && *v <= 0) }
	if usable(low) {
		moved.min = free.at(*low)
	}
	if usable(high) {
		moved.max = free.at(*high)
	}
	if moved.min >= moved.max {
		return s
	}
	return moved
}

// xScale spans the points of f that can be drawn, and its notes.
func (f Figure) xScale() scale {
	var values []float64
	pad := 0.0
	for _, s := range f.Series {
		x, raw, _ := s.clean(f.LogX)
		for i := range raw {
			if !math.IsNaN(raw[i]) {
				values = append(values, x[i])
			}
		}
		if s.Points {
			pad = 0.05
		}
	}
	for _, note := range f.Notes {
		if drawable(note.X) {
			values = append(values, note.X)
		}
	}
	s := newScale(values, f.LogX, pad)
	if len(values) > 0 {
		s.ends = [2]float64{slices.Min(values), slices.Max(values)}
	}
	s.whole = !slices.ContainsFunc(values, func(v float64) bool { return v != math.Trunc(v) })
	if !f.LogX && pad == 0 && s.min > 0 && s.min < s.max/20 {
		s.min, s.ends[0] = 0, 0 // iterations count from 1
	}
	return s
}

// yScale spans the curves in front. A diverged run must not flatten the others, so its
// values count only up to a bound: one set by the others or, if there are none, by the
// median of the diverged curves.
func (f Figure) yScale() scale {
	var values, wild []float64
	highest := math.Inf(-1) // of the curves, without bars and bands
	for _, s := range f.Series {
		_, _, front := s.clean(f.LogX)
		for i, v := range front {
			if math.IsNaN(v) {
				continue
			}
			highest = max(highest, v)
			bar := max(halfAt(s.ErrorBars, i), halfAt(s.Band, i))
			if s.EndMark == "" && s.Remark == "" {
				values = append(values, v-bar, v+bar)
			} else {
				wild = append(wild, v)
			}
		}
	}
	bound := 10 * stats.Median(wild)
	if len(values) > 0 {
		bound = 1.15 * slices.Max(values)
	}
	for _, v := range wild {
		values = append(values, math.Min(v, math.Max(bound, 1e-12)))
	}
	pad := 0.04
	if len(f.Notes) > 0 {
		pad = 0.08
	}
	s := newScale(values, f.LogY, pad)
	if f.Percent {
		s = s.percent(highest)
	}
	return s.bound(f.YMin, f.YMax)
}

// percent makes a linear axis span at least one percentage point, and ends any axis at
// 100 % unless the curves go beyond.
func (s scale) percent(highest float64) scale {
	top := math.Inf(1)
	if highest <= 1 {
		top = s.at(1)
	}
	s.max = min(s.max, top)
	if short := leastPercent - (s.max - s.min); !s.log && short > 0 {
		s.max = min(s.max+short/2, top)
		s.min = s.max - leastPercent
	}
	return s
}
