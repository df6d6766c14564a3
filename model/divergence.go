package model

import "github.com/pkg/errors"

// lossWatch notices when training diverges.
type lossWatch struct {
	first  float64 // loss of the first step, in nats
	smooth float64 // exponential moving average of the losses, over about watched images
}

const (
	watched     = 100 // images that the smoothed loss averages
	divergedFor = 10  // a smoothed loss this many times that of the first step is divergence
)

// add takes in the loss of a step of n images. The error is ErrDiverged if the smoothed
// loss is more than ten times the loss of the first step. In a small batch, a single
// odd image can raise the loss this far without harm, so the loss of small batches is
// smoothed over about a hundred images, with exponentially falling weights.
func (w *lossWatch) add(loss float64, n int) error {
	if w.first == 0 {
		w.first, w.smooth = loss, loss
	}
	w.smooth += min(1, float64(n)/watched) * (loss - w.smooth)
	if w.smooth > divergedFor*w.first {
		return errors.Wrapf(ErrDiverged, "smoothed loss %.4g (this step: %.4g) is more than ten times that of the first step, %.4g", w.smooth, loss, w.first)
	}
	return nil
}
