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
// steps, then falls on another to rate/250,000 (Smith and Topin 2018, with the
// constants of PyTorch's OneCycleLR).
func oneCycle(rate float64, step, steps int) float64 {
	const rise = 0.3
	done := float64(step-1) / float64(max(1, steps-1)) // 0 at the first step, 1 at the last
	if done < rise {
		return halfCosine(rate/25, rate, done/rise)
	}
	return halfCosine(rate, rate/250_000, (done-rise)/(1-rise))
}

// halfCosine goes from a to b on half a cosine as x goes from 0 to 1.
func halfCosine(a, b, x float64) float64 {
	w := (1 + math.Cos(math.Pi*x)) / 2
	return a*w + b*(1-w)
}
