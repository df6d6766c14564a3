package draw

import "testing"

// Areas by hand, that of the heart counted on a fine grid in Python, against the
// points of the grid inside, those at the outline taken in part: a form that is
// cut off, turned inside out or another's twin would show.
func TestFormsCoverTheirArea(t *testing.T) {
	areas := map[string]float64{
		"disc":     0.7854, // π/4
		"ring":     0.6676, // π·(0.55² - 0.3²)
		"crescent": 0.4253, // π·0.55² less the lens of radii 0.55 and 0.45, 0.25 apart
		"heart":    0.6277,
		"triangle": 0.63,   // 1.2 · 1.05 / 2
		"square":   0.81,   // 0.9²
		"bar":      0.56,   // 1.4 · 0.4
		"cross":    0.7004, // 2 · 1.2 · 0.34 - 0.34²
		"star":     0.5158, // 5 · 0.65 · 0.27 · sin 36°
		"arrow":    0.466,  // 0.7 · 0.28 + 0.9 · 0.6 / 2
	}
	if len(areas) != len(forms) {
		t.Errorf("%d areas, want one for each of %d forms", len(areas), len(forms))
	}
	for i, g := range figures() {
		want, known := areas[forms[i].name]
		inside := 0.0
		for _, d := range g {
			inside += float64(clamp(d/glyphStep + 0.5))
		}
		if got := inside * glyphStep * glyphStep; !known || got < want-0.02 || got > want+0.02 {
			t.Errorf("%s covers %.3f, want %.3f", forms[i].name, got, want)
		}
	}
}
