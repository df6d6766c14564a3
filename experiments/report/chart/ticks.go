package chart

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

const maxTicks = 9

// ticks returns the marks of an axis of scale s, labelled as values or percentages.
func (s scale) ticks(percent bool) []plot.Tick {
	if s.log {
		if ticks := s.logTicks(percent); ticks != nil {
			return ticks
		}
	}
	low, high := s.value(s.min), s.value(s.max)
	step, minor := niceStep((high - low) / maxTicks)
	if s.whole {
		step, minor = max(step, 1), max(minor, 1)
	}
	var ticks []plot.Tick
	perMajor := math.Round(step / minor)
	for i := math.Ceil(low/minor - 1e-9); i*minor <= high+1e-9*step; i++ {
		if s.whole && (i*minor < s.ends[0] || i*minor > s.ends[1]) {
			continue
		}
		if len(ticks) > 20*maxTicks {
			break // the range is so narrow that adding a step changes nothing
		}
		label := ""
		if math.Mod(i, perMajor) == 0 {
			label = tickLabel(i/perMajor*step+0, step, percent) // +0: not "-0"
		}
		ticks = append(ticks, plot.Tick{Value: s.at(i * minor), Label: label})
	}
	return ticks
}

// ticksAt returns labelled marks at the values that the axis can show.
func (s scale) ticksAt(values []float64) []plot.Tick {
	var ticks []plot.Tick
	for _, v := range values {
		if drawable(v) && !(s.log && v <= 0) {
			ticks = append(ticks, plot.Tick{Value: s.at(v), Label: strconv.FormatFloat(v, 'g', -1, 64)})
		}
	}
	return ticks
}

// logTicks returns marks at 1..9 times every power of ten. The powers are labelled and,
// if there is room, 2 and 5 times them. It returns nil if there would be too few labels.
func (s scale) logTicks(percent bool) []plot.Tick {
	span := s.max - s.min
	every := math.Ceil(span / maxTicks) // decades between labels
	powers := s.min < -5 || s.max > 6   // some labels need the form 1e-06, so all get it
	var ticks []plot.Tick
	labels := 0
	for decade := math.Floor(s.min); decade <= s.max; decade++ {
		for i := 1.0; i <= 9; i++ {
			at := decade + math.Log10(i)
			if at < s.min-1e-9 || at > s.max+1e-9 || i > 1 && every > 1 {
				continue
			}
			label := ""
			if i == 1 && math.Mod(decade, every) == 0 || span <= 2.7 && (i == 2 || i == 5) {
				value := i * math.Pow(10, decade)
				if label = tickLabel(value, value, percent); powers && !percent {
					label = strconv.FormatFloat(value, 'e', 0, 64)
				}
				labels++
			}
			ticks = append(ticks, plot.Tick{Value: at, Label: label})
		}
	}
	if labels < 3 && span < 1 {
		return nil
	}
	return ticks
}

// niceStep returns the least number ≥ v that is 1, 2 or 5 times a power of ten, and a
// round part of it for the marks between.
func niceStep(v float64) (step, minor float64) {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	switch v *= 1 - 1e-9; {
	case power >= v:
		return power, power / 5
	case 2*power >= v:
		return 2 * power, 2 * power / 4
	case 5*power >= v:
		return 5 * power, 5 * power / 5
	}
	return 10 * power, 10 * power / 5
}

// tickLabel formats v with the decimals that step needs: 0.001, 0.25, 98 %.
func tickLabel(v, step float64, percent bool) string {
	unit := ""
	if percent {
		v, step, unit = 100*v, 100*step, " %"
	}
	if math.Abs(v) >= 1e6 || step < 1e-5 {
		return strconv.FormatFloat(v, 'g', 6, 64) + unit
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	return strconv.FormatFloat(v, 'f', decimals, 64) + unit
}
