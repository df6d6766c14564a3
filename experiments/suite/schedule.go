package suite

import (
	"maps"
	"math"
	"slices"
)

// schedules give the learning rate of each step, 1 to steps; rate is the highest.
var schedules = map[string]func(rate float64, step, steps int) float64{
	"constant":  func(rate float64, _, _ int) float64 { return rate },
	"cosine":    cosine,
	"one-cycle": oneCycle,
	"ramp":      ramp,
}

var scheduleNames = slices.Sorted(maps.Keys(schedules))

// cosine warms up linearly over the first twentieth of the steps (Goyal et al.
// 2017, section 2.2), then follows half a cosine to 0 (Loshchilov and Hutter 2017,
// equation 5, without restarts).
func cosine(rate float64, step, steps int) float64 {
	warm := max(1, steps/20)
	if step <= warm {
		return rate * float64(step) / float64(warm)
	}
	return halfCosine(rate, 0, float64(step-warm)/float64(steps-warm))
}

// oneCycle rises from rate/25 on half a cosine over the first three tenths of the
// steps, then falls on another to rate/250,000 (Smith and Topin 2018). It equals
// PyTorch's OneCycleLR, step by step. Fewer than four steps have no room to rise: they
// fall from the highest rate.
func oneCycle(rate float64, step, steps int) float64 {
	at, top, last := float64(step-1), 0.3*float64(steps)-1, float64(steps-1) // counted from 0; the highest rate is at top
	switch {
	case steps < 4:
		return halfCosine(rate, rate/250_000, at/float64(steps))
	case at <= top:
		return halfCosine(rate/25, rate, at/top)
	}
	return halfCosine(rate, rate/250_000, (at-top)/(last-top))
}

// ramp grows exponentially from rate/100,000 to rate (Smith 2017, section 3.3, with equal
// factors in place of equal differences).
func ramp(rate float64, step, steps int) float64 {
	return rate * math.Pow(10, -5*float64(steps-step)/float64(max(1, steps-1)))
}

// halfCosine goes from a to b on half a cosine as x goes from 0 to 1.
func halfCosine(a, b, x float64) float64 {
	w := (1 + math.Cos(math.Pi*x)) / 2
	return a*w + b*(1-w)
}
