package report

import (
	"os"
	"testing"
	"time"
)

func TestView(t *testing.T) {
	d := os.Getenv("VIEW")
	if d == "" {
		t.Skip()
	}
	t0 := time.Now()
	for n, f := range map[string]Figure{"error-per-iteration": sweepFigure(false, 1100, 50), "loss-per-iteration": sweepFigure(true, 1100, 50), "accuracy-by-rate": rateFigure()} {
		if err := Plot(d+"/"+n, f); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(time.Since(t0))
}
