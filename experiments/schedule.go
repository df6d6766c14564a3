package experiments

import "math"

// Schedules are the names of the learning-rate schedules.
var Schedules = []string{"constant", "cosine", "one-cycle"}

// scheduledRate is the learning rate of a step, 1 to steps, where rate is the
// highest:
//
//   - constant: rate.
//   - cosine: a linear warm-up over the first twentieth of the steps (Goyal et al.
//     2017, section 2.2), then half a cosine down to 0 (Loshchilov and Hutter
//     2017, equation 5, without restarts).
//   - one-cycle: half a cosine from rate/25 up over the first three tenths, then
//     half a cosine down to rate/250,000 (Smith and Topin 2018, with the constants
//     of PyTorch's OneCycleLR).
func scheduledRate(schedule string, rate float64, step, steps int) float64 {
	done := float64(step-1) / float64(max(1, steps-1)) // 0 at the first step, 1 at the last
	switch schedule {
	case "cosine":
		warm := max(1, steps/20)
		if step <= warm {
			return rate * float64(step) / float64(warm)
		}
		return between(rate, 0, float64(step-warm)/float64(steps-warm))
	case "one-cycle":
		const rise = 0.3
		if done < rise {
			return between(rate/25, rate, done/rise)
		}
		return between(rate, rate/250_000, (done-rise)/(1-rise))
	}
	return rate
}

// between goes from a to b on half a cosine as x goes from 0 to 1.
func between(a, b, x float64) float64 {
	w := (1 + math.Cos(math.Pi*x)) / 2
	return a*w + b*(1-w)
}
