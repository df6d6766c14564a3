package main

import (
	"encoding/csv"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// recompute computes the statistics in the test-accuracy.csv of a directory again, from
// its differences.csv and predictions.csv, without the program's own code: recompute
// results/regularized.
func recompute(ts *testscript.TestScript, args []string) {
	dir := args[0]
	variants := records(ts, dir, "test-accuracy.csv")
	var p, lossP []float64 // before Holm's correction, of the variants that are compared
	var holm, lossHolm []string
	for _, v := range variants {
		recomputeCalibration(ts, dir, v)
		var accuracy, loss []float64
		for _, d := range records(ts, dir, "differences.csv") {
			if d["variant"] == v["variant"] {
				accuracy = append(accuracy, number(ts, d["test_accuracy"])-number(ts, d["against_test_accuracy"]))
				loss = append(loss, number(ts, d["test_loss"])-number(ts, d["against_test_loss"]))
			}
		}
		if len(accuracy) < 2 {
			continue
		}
		if q := recomputeT(ts, v, "", accuracy); q <= 1 {
			p, holm = append(p, q), append(holm, v["difference_p_holm"])
		}
		if q := recomputeT(ts, v, "loss_", loss); q <= 1 {
			lossP, lossHolm = append(lossP, q), append(lossHolm, v["loss_difference_p_holm"])
		}
	}
	if p == nil || lossP == nil {
		ts.Fatalf("%s: nothing is compared", dir)
	}
	recomputeHolm(ts, p, holm)
	recomputeHolm(ts, lossP, lossHolm)
}

// recomputeT returns the p of a paired t-test; NaN if the differences have no spread,
// where the cells must be empty.
func recomputeT(ts *testscript.TestScript, row map[string]string, of string, differences []float64) float64 {
	n, sum, squares := float64(len(differences)), 0.0, 0.0
	for _, d := range differences {
		sum += d
	}
	mean := sum / n
	for _, d := range differences {
		squares += (d - mean) * (d - mean)
	}
	se := math.Sqrt(squares / (n - 1) / n)
	same(ts, row[of+"difference"], mean)
	if se <= 1e-12*math.Abs(mean) {
		if cells := row[of+"difference_low"] + row[of+"difference_high"] + row[of+"difference_p"] + row[of+"difference_p_holm"]; cells != "" {
			ts.Fatalf("no spread, but %s", cells)
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
	same(ts, row[of+"difference_p"], p)
	same(ts, row[of+"difference_low"], mean-quantile*se)
	same(ts, row[of+"difference_high"], mean+quantile*se)
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
func recomputeHolm(ts *testscript.TestScript, p []float64, cells []string) {
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
		same(ts, cells[i], want)
	}
}

// recomputeCalibration wants the accuracy, the mean confidence and the calibration error
// of a variant to follow from predictions.csv.
func recomputeCalibration(ts *testscript.TestScript, dir string, v map[string]string) {
	rows := records(ts, dir, "predictions.csv")
	var accuracies, confidences, errors []float64
	for run := range rows[0] {
		if !strings.HasPrefix(run, v["variant"]+"-lr") {
			continue
		}
		var images, right, sum [15]float64
		var accuracy, confidence, ece float64
		for _, row := range rows {
			class, cell, _ := strings.Cut(row[run], " ")
			c := number(ts, cell)
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
	same(ts, v["test_accuracy"], mean(accuracies))
	same(ts, v["mean_confidence"], mean(confidences))
	same(ts, v["ece"], mean(errors))
}

func same(ts *testscript.TestScript, cell string, want float64) {
	if got := number(ts, cell); !(math.Abs(got-want) <= 1e-6*math.Abs(want)+1e-12) {
		ts.Fatalf("%v in the file, %v recomputed", got, want)
	}
}

func number(ts *testscript.TestScript, cell string) float64 {
	v, err := strconv.ParseFloat(cell, 64)
	ts.Check(err)
	return v
}

// records returns the rows of a CSV by the names of their columns.
func records(ts *testscript.TestScript, dir, name string) (all []map[string]string) {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(filepath.Join(dir, name)))).ReadAll()
	ts.Check(err)
	for _, row := range rows[1:] {
		record := make(map[string]string)
		for i, column := range rows[0] {
			record[column] = row[i]
		}
		all = append(all, record)
	}
	return all
}
