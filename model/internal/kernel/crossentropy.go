package kernel

import "math"

// CrossEntropy returns the mean, over the rows whose label is not negative, of
//
//	-log softmax(logits[n])[label[n]]
//
// for logits N×K. Each row is shifted by its own maximum, so no exponential overflows.
// Rows with a negative label are padding; if there are no others, the loss is 0. A
// label of K or more makes the loss NaN.
func CrossEntropy(logits []float32, labels []int) float32 {
	k := len(logits) / max(1, len(labels))
	var sum float64
	count := 0
	for n, label := range labels {
		if label < 0 {
			continue
		}
		if label >= k {
			return float32(math.NaN())
		}
		row := logits[n*k : (n+1)*k]
		top, total := logSumExp(row)
		sum += top + math.Log(total) - float64(row[label])
		count++
	}
	return float32(sum / float64(max(1, count)))
}

// CrossEntropyGrad computes the gradient of CrossEntropy times scale,
//
//	d[n,k] = scale · (softmax(logits[n])[k] - [k = label[n]]) / count
//
// It is 0 in padding rows, and NaN in rows whose label is K or more.
func CrossEntropyGrad(d, logits []float32, labels []int, scale float32) {
	k := len(logits) / max(1, len(labels))
	count := 0
	for _, label := range labels {
		if label >= 0 {
			count++
		}
	}
	for n, label := range labels {
		out := d[n*k : (n+1)*k]
		if label < 0 {
			clear(out)
			continue
		}
		if label >= k {
			fill(out, float32(math.NaN()))
			continue
		}
		row := logits[n*k : (n+1)*k]
		top, total := logSumExp(row)
		f := float64(scale) / float64(count)
		for j, v := range row {
			p := math.Exp(float64(v)-top) / total
			if j == label {
				p--
			}
			out[j] = float32(f * p)
		}
	}
}

// logSumExp returns the largest entry of row and Σ exp(row - largest). A NaN in
// the row makes the sum NaN.
func logSumExp(row []float32) (top, total float64) {
	top = math.Inf(-1)
	for _, v := range row {
		top = max(top, float64(v))
	}
	for _, v := range row {
		total += math.Exp(float64(v) - top)
	}
	return top, total
}
