package model

import (
	"math"

	"cnnlab/model/internal/kernel"
)

// loops is the network of a plan in float64, by the definitions of its layers,
// as the reference of the tests. It shares nothing with the graph but the
// dropped entries.
type loops struct {
	plan
	x      []float64
	y      []int
	params [][]float64
	drop   [2][]float64 // factors of the two dropouts
}

func newLoops(p plan, net *Network, x []float32, y []int) *loops {
	l := &loops{plan: p, x: float64s(x), y: y}
	for _, n := range net.Learnables {
		l.params = append(l.params, float64s(net.weights[n.Name()]))
	}
	h, w := p.h, p.w
	for range p.maps {
		h, w = h/2, w/2
	}
	for i, d := range []struct {
		p float64
		n int
	}{{p.convDropout, p.n * p.maps[len(p.maps)-1] * h * w}, {p.dropout, p.n * p.hidden}} {
		ones := make([]float32, d.n)
		for j := range ones {
			ones[j] = 1
		}
		kernel.Dropout(ones, ones, d.p, kernel.Key(kernel.Key(1, purposeDropout, uint64(i+1)), 1))
		l.drop[i] = float64s(ones)
	}
	return l
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// differences is the gradient of the loss with respect to one of the params.
func (l *loops) differences(w []float64) []float64 {
	const h = 1e-6
	grad := make([]float64, len(w))
	for i, v := range w {
		w[i] = v + h
		above := l.loss()
		w[i] = v - h
		grad[i] = (above - l.loss()) / (2 * h)
		w[i] = v
	}
	return grad
}

// loss is the mean cross-entropy of the batch.
func (l *loops) loss() (sum float64) {
	for n, label := range l.y {
		c, h, w := l.c, l.h, l.w
		x := l.x[n*c*h*w : (n+1)*c*h*w]
		params := l.params
		for _, maps := range l.maps {
			x = pool(rectified(conv(x, c, h, w, params[0], params[1], l.kernel)), maps, h, w)
			c, h, w = maps, h/2, w/2
			params = params[2:]
		}
		x = times(x, l.drop[0][n*len(x):])
		x = times(rectified(dense(x, params[0], params[1])), l.drop[1][n*l.hidden:])
		logits := dense(x, params[2], params[3])
		var total float64
		for _, v := range logits {
			total += math.Exp(v)
		}
		sum += math.Log(total) - logits[label]
	}
	return sum / float64(len(l.y))
}

func conv(x []float64, c, h, w int, weight, bias []float64, k int) (y []float64) {
	at := func(ch, i, j int) float64 {
		if i < 0 || i >= h || j < 0 || j >= w {
			return 0
		}
		return x[(ch*h+i)*w+j]
	}
	for m := range bias {
		for i := range h {
			for j := range w {
				sum := bias[m]
				for ch := range c {
					for r := range k {
						for s := range k {
							sum += weight[((m*c+ch)*k+r)*k+s] * at(ch, i+r-(k-1)/2, j+s-(k-1)/2)
						}
					}
				}
				y = append(y, sum)
			}
		}
	}
	return y
}

func rectified(x []float64) []float64 {
	for i, v := range x {
		x[i] = math.Max(v, 0)
	}
	return x
}

func pool(x []float64, c, h, w int) (y []float64) {
	for ch := range c {
		for i := range h / 2 {
			for j := range w / 2 {
				at := (ch*h+2*i)*w + 2*j
				y = append(y, math.Max(math.Max(x[at], x[at+1]), math.Max(x[at+w], x[at+w+1])))
			}
		}
	}
	return y
}

func dense(x, weight, bias []float64) (y []float64) {
	for o, sum := range bias {
		for i, v := range x {
			sum += weight[o*len(x)+i] * v
		}
		y = append(y, sum)
	}
	return y
}

func times(x, f []float64) []float64 {
	for i := range x {
		x[i] *= f[i]
	}
	return x
}
