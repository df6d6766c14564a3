package data

import "math"

// softmax is a linear model of 10 classes over C×H×W pixels and a constant.
type softmax [10][]float64

// linear trains a softmax regression by plain SGD and returns its test accuracy.
func linear(d *Dataset, epochs int) float64 {
	image := d.Channels * d.Height * d.Width
	model := new(softmax)
	for c := range model {
		model[c] = make([]float64, image+1)
	}
	for epoch := range epochs {
		rate := 0.01 / float64(1+epoch)
		for _, b := range d.Batches(d.Train, 1, Shuffle(d.Train.Len(), 1, epoch)) {
			p := model.probabilities(b.X)
			p[b.Y[0]]--
			for c := range model {
				step := rate * p[c]
				for i, x := range b.X {
					model[c][i] -= step * float64(x)
				}
				model[c][image] -= step
			}
		}
	}
	correct := 0
	for _, b := range d.Batches(d.Test, 1, nil) {
		p, best := model.probabilities(b.X), 0
		for c := range p {
			if p[c] > p[best] {
				best = c
			}
		}
		if best == b.Y[0] {
			correct++
		}
	}
	return float64(correct) / float64(d.Test.Len())
}

func (m *softmax) probabilities(x []float32) (p [10]float64) {
	most := math.Inf(-1)
	for c := range p {
		p[c] = m[c][len(x)]
		for i, v := range x {
			p[c] += m[c][i] * float64(v)
		}
		most = max(most, p[c])
	}
	sum := 0.0
	for c := range p {
		p[c] = math.Exp(p[c] - most)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}
