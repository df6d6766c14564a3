package experiments

import (
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheStatisticsFollowFromTheCSVs computes the statistics in test-accuracy.csv and
// differences.csv again, from differences.csv and predictions.csv, without the program's
// own code.
func TestTheStatisticsFollowFromTheCSVs(t *testing.T) {
	out := t.TempDir()
	e, o := commandLine(t, strings.Fields("-exp regularized -dataset digits -limit 500 -epochs 2 -channels 2,4 -hidden 8 -lr 0.05 -seeds 3 -quiet -out "+out))
	if _, err := e.Run(t.Context(), o, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(out, "regularized-digits")
	variants, predictions := readCSV(t, dir, "test-accuracy.csv"), readCSV(t, dir, "predictions.csv")
	var p, lossP []float64 // before Holm's correction, of the variants that are compared
	var holm, lossHolm []string
	for _, v := range variants {
		recomputeCalibration(t, predictions, v)
		var accuracy, loss []float64
		for _, d := range readCSV(t, dir, "differences.csv") {
			if d["variant"] == v["variant"] {
				recomputeMcNemar(t, predictions, d)
				accuracy = append(accuracy, numeral(t, d["test_accuracy"])-numeral(t, d["against_test_accuracy"]))
				loss = append(loss, numeral(t, d["test_loss"])-numeral(t, d["against_test_loss"]))
			}
		}
		if len(accuracy) < 2 {
			continue
		}
		if q := recomputeT(t, v, "", accuracy); q <= 1 {
			p, holm = append(p, q), append(holm, v["difference_p_holm"])
		}
		if q := recomputeT(t, v, "loss_", loss); q <= 1 {
			lossP, lossHolm = append(lossP, q), append(lossHolm, v["loss_difference_p_holm"])
		}
	}
	if p == nil || lossP == nil {
		t.Fatalf("%s: nothing is compared", dir)
	}
	recomputeHolm(t, p, holm)
	recomputeHolm(t, lossP, lossHolm)
}

// recomputeT returns the p of a paired t-test; NaN if the differences have no spread,
// where the cells must be empty.
func recomputeT(t *testing.T, row map[string]string, of string, differences []float64) float64 {
	n, sum, squares := float64(len(differences)), 0.0, 0.0
	for _, d := range differences {
		sum += d
	}
	mean := sum / n
	for _, d := range differences {
		squares += (d - mean) * (d - mean)
	}
	se := math.Sqrt(squares / (n - 1) / n)
	same(t, row[of+"difference"], mean)
	if se <= 1e-12*math.Abs(mean) {
		if cells := row[of+"difference_low"] + row[of+"difference_high"] + row[of+"difference_p"] + row[of+"difference_p_holm"]; cells != "" {
			t.Fatalf("no spread, but %s", cells)
		}
		return math.NaN()
	}
	p := 2 * tailOfT(math.Abs(mean)/se, n-1)
	quantile := 0.0
	for step := 1e4; step > 1e-12; step /= 2 { // where the tail is 0.025
		if tailOfT(quantile+step, n-1) > 0.025 {
			quantile += step
		}
	}
	same(t, row[of+"difference_p"], p)
	same(t, row[of+"difference_low"], mean-quantile*se)
	same(t, row[of+"difference_high"], mean+quantile*se)
	return p
}

// tailOfT is the probability that Student's t exceeds x: with x = √ν·tan a, its density
// becomes proportional to cosᵛ⁻¹ a, which is summed from a to π/2 by Simpson's rule.
func tailOfT(x, nu float64) float64 {
	integral := func(from float64) float64 {
		const n = 2000
		h, sum := (math.Pi/2-from)/n, 0.0
		for i := range n + 1 {
			weight := 2.0
			if i%2 == 1 {
				weight = 4
			}
			if i == 0 || i == n {
				weight = 1
			}
			sum += weight * math.Pow(math.Cos(from+float64(i)*h), nu-1)
		}
		return sum * h / 3
	}
	return integral(math.Atan(x/math.Sqrt(nu))) / (2 * integral(0))
}

// recomputeHolm wants the cells to be Holm's correction of p: the k-th smallest of n, times
// n−k+1, is rejected if it and all smaller ones are.
func recomputeHolm(t *testing.T, p []float64, cells []string) {
	for i := range p {
		want := 0.0
		for j := range p {
			if p[j] > p[i] {
				continue
			}
			atLeast := 0
			for k := range p {
				if p[k] >= p[j] {
					atLeast++
				}
			}
			want = max(want, min(1, p[j]*float64(atLeast)))
		}
		same(t, cells[i], want)
	}
}

// recomputeCalibration wants the accuracy, the mean confidence and the calibration error
// of a variant to follow from predictions.csv.
func recomputeCalibration(t *testing.T, rows []map[string]string, v map[string]string) {
	var accuracies, confidences, errors []float64
	for run := range rows[0] {
		if !strings.HasPrefix(run, "digits-"+v["variant"]+"-lr") {
			continue
		}
		var images, right, sum [15]float64
		var accuracy, confidence, ece float64
		for _, row := range rows {
			class, cell, _ := strings.Cut(row[run], " ")
			c := numeral(t, cell)
			bin := 0
			for bin < 14 && c > float64(bin+1)/15 {
				bin++
			}
			images[bin]++
			sum[bin] += c
			confidence += c
			if class == row["label"] {
				right[bin]++
				accuracy++
			}
		}
		for bin := range images {
			ece += math.Abs(right[bin]-sum[bin]) / float64(len(rows))
		}
		accuracies = append(accuracies, accuracy/float64(len(rows)))
		confidences, errors = append(confidences, confidence/float64(len(rows))), append(errors, ece)
	}
	mean := func(x []float64) (m float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		return m
	}
	same(t, v["test_accuracy"], mean(accuracies))
	same(t, v["mean_confidence"], mean(confidences))
	same(t, v["ece"], mean(errors))
}

func same(t *testing.T, cell string, want float64) {
	t.Helper()
	if got := numeral(t, cell); !(math.Abs(got-want) <= 1e-6*math.Abs(want)+1e-12) {
		t.Fatalf("%v in the file, %v recomputed", got, want)
	}
}

// recomputeMcNemar wants the counts of one line of differences.csv to follow from the
// predictions, and its p from the binomial coefficients of the counts.
func recomputeMcNemar(t *testing.T, rows []map[string]string, d map[string]string) {
	var this, against string
	for run := range rows[0] {
		switch seed := "-s" + d["seed"] + "-"; {
		case strings.HasPrefix(run, "digits-"+d["variant"]+"-lr") && strings.Contains(run, seed):
			this = run
		case strings.HasPrefix(run, "digits-"+d["against"]+"-lr") && strings.Contains(run, seed):
			against = run
		}
	}
	var onlyThis, onlyAgainst float64
	for _, row := range rows {
		a, _, _ := strings.Cut(row[this], " ")
		b, _, _ := strings.Cut(row[against], " ")
		switch label := row["label"]; {
		case a == label && b != label:
			onlyThis++
		case b == label && a != label:
			onlyAgainst++
		}
	}
	n, p := onlyThis+onlyAgainst, 0.0
	for k := range int(min(onlyThis, onlyAgainst)) + 1 {
		all, _ := math.Lgamma(n + 1)
		some, _ := math.Lgamma(float64(k) + 1)
		rest, _ := math.Lgamma(n - float64(k) + 1)
		p += 2 * math.Exp(all-some-rest-n*math.Ln2)
	}
	same(t, d["only_this"], onlyThis)
	same(t, d["only_against"], onlyAgainst)
	same(t, d["mcnemar_p"], min(1, p))
}
