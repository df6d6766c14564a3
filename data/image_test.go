package data

import (
	"image/color"
	"testing"
)

func TestImagesHaveThePixelsOfTheFiles(t *testing.T) {
	grey := &Dataset{Channels: 1, Height: 1, Width: 2}
	if got := grey.Image(Split{Pixels: []byte{1, 2, 30, 40}, Labels: []byte{0, 0}}, 1).At(1, 0); got != (color.NRGBA{40, 40, 40, 255}) {
		t.Errorf("grey %v", got)
	}
	colours := &Dataset{Channels: 3, Height: 2, Width: 1}
	if got := colours.Image(Split{Pixels: []byte{1, 2, 3, 4, 5, 6}, Labels: []byte{0}}, 0).At(0, 1); got != (color.NRGBA{2, 4, 6, 255}) {
		t.Errorf("colours %v", got)
	}
}
