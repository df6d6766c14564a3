package stats

import (
	"math"
	"testing"
)

// TestECEOfAHandWorkedCase: four images in three bins. The mean of the gaps, weighted by
// images, is (2·|0.5−0.95| + 1·|1−0.6| + 1·|0−0.61|)/4, but 0.6 and 0.61 fall into
// different bins: 0.6 = 9/15 is the upper end of the ninth.
func TestECEOfAHandWorkedCase(t *testing.T) {
	c := Calibrate([]float64{0.94, 0.96, 0.6, 0.61}, []bool{true, false, true, false})
	near(t, "ECE", c.ECE, (2*0.45+0.4+0.61)/4)
	near(t, "confidence", c.Confidence, (0.94+0.96+0.6+0.61)/4)
	if c.Bins[8].Images != 1 || c.Bins[9].Images != 1 || c.Bins[14].Images != 2 {
		t.Errorf("%+v", c.Bins)
	}
	near(t, "accuracy", c.Bins[14].Accuracy, 0.5)
	near(t, "an empty bin", c.Bins[0].Accuracy, math.NaN())
}

func TestCalibrationAtTheEnds(t *testing.T) {
	sure := Calibrate([]float64{1, 1}, []bool{true, true})
	near(t, "ECE", sure.ECE, 0)
	if sure.Bins[Bins-1].Images != 2 {
		t.Errorf("%+v", sure.Bins)
	}
	wrong := Calibrate([]float64{0, 1}, []bool{true, false})
	near(t, "ECE", wrong.ECE, 1)
	near(t, "ECE of none", Calibrate(nil, nil).ECE, math.NaN())
}
