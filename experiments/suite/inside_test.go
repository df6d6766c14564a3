package suite

import (
	"testing"

	"cnnlab/experiments/report/runs"
)

// TestTheFeatureMapsAreThoseAfterPooling: one entry for each block, however many
// convolutions it has.
func TestTheFeatureMapsAreThoseAfterPooling(t *testing.T) {
	for extra := range 3 {
		s := small(t, Options{Rates: []float64{0.01}}, func(c *Config) { c.Epochs, c.ExtraConvs = 1, extra })
		s.trained(t)
		in, err := s.lookInside(runs.RunRow{Run: s.plan[0].ID, Config: s.plan[0].Config})
		if err != nil {
			t.Fatal(err)
		}
		if len(in.Filters) != 3 || len(in.Blocks) != 2 {
			t.Fatalf("%d extra convolutions: %d filters, %d blocks", extra, len(in.Filters), len(in.Blocks))
		}
		for i, maps := range []int{3, 4} {
			if b, side := in.Blocks[i], 14>>i; b.Count != maps || b.Height != side || b.Width != side {
				t.Errorf("%d extra convolutions: block %d has %d maps of %d×%d, want %d of %d×%d", extra, i+1, b.Count, b.Height, b.Width, maps, side, side)
			}
		}
	}
}
