package experiments

import (
	"reflect"
	"slices"
	"testing"
)

// TestTheRecipeAddsOneThingAtATime holds what each variant changes in the one
// before, by the names in a configuration.
func TestTheRecipeAddsOneThingAtATime(t *testing.T) {
	want := []struct {
		label string
		adds  []string
	}{
		{"plain", nil},
		{"regularized", []string{"weight_decay", "dropout", "conv_dropout"}},
		{"augmented", []string{"augment"}},
		{"scheduled", []string{"lr", "schedule"}},
		{"averaged", []string{"ema"}},
		{"mirrored", []string{"tta"}},
	}
	full := recipe.Defaults
	full.TTA = true
	variants := recipeVariants(full, []float64{0.1})
	if len(variants) != len(want) {
		t.Fatalf("%d variants, want %d", len(variants), len(want))
	}
	before := defaults
	before.Epochs, before.LR = recipe.Defaults.Epochs, 0.02
	for i, v := range variants {
		var adds []string
		was, is := reflect.ValueOf(before), reflect.ValueOf(v.Config)
		for k := range was.NumField() {
			if !reflect.DeepEqual(was.Field(k).Interface(), is.Field(k).Interface()) {
				adds = append(adds, was.Type().Field(k).Tag.Get("json"))
			}
		}
		if v.Label != want[i].label || !slices.Equal(adds, want[i].adds) {
			t.Errorf("%s adds %q, want %s and %q", v.Label, adds, want[i].label, want[i].adds)
		}
		before = v.Config
	}
	full.LR = 0.1
	if !reflect.DeepEqual(before, full) {
		t.Errorf("the last variant is %+v, want the full recipe %+v", before, full)
	}
}

// TestWhatIsSwitchedOffIsNoVariant leaves three that differ.
func TestWhatIsSwitchedOffIsNoVariant(t *testing.T) {
	c := recipe.Defaults
	c.Schedule, c.EMA = "constant", 0
	var labels []string
	for _, v := range recipeVariants(c, []float64{0.1}) {
		labels = append(labels, v.Label)
	}
	if want := []string{"plain", "regularized", "augmented"}; !slices.Equal(labels, want) {
		t.Errorf("%q, want %q", labels, want)
	}
}

// TestAScheduleThatIsSwitchedOffLeavesTheRate has no peak to be below.
func TestAScheduleThatIsSwitchedOffLeavesTheRate(t *testing.T) {
	c := recipe.Defaults
	c.Schedule = "constant"
	for _, v := range recipeVariants(c, []float64{0.1}) {
		if v.Config.LR != 0.1 || v.Config.Schedule != "constant" {
			t.Errorf("%s: %s rate of %v, want a constant one of 0.1", v.Label, v.Config.Schedule, v.Config.LR)
		}
	}
}
