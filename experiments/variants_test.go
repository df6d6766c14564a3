package experiments

import (
	"reflect"
	"slices"
	"testing"

	"cnnlab/experiments/suite"
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
	full.TTA, full.LR = true, 0.1
	variants := recipeVariants(full)
	if len(variants) != len(want) {
		t.Fatalf("%d variants, want %d", len(variants), len(want))
	}
	before := baseline.Defaults
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
	if !reflect.DeepEqual(before, full) {
		t.Errorf("the last variant is %+v, want the full recipe %+v", before, full)
	}
}

// TestWhatIsSwitchedOffIsNoVariant leaves three that differ.
func TestWhatIsSwitchedOffIsNoVariant(t *testing.T) {
	o := suite.NewOptions()
	o.Given["schedule"], o.Given["ema"] = "constant", "0"
	plan, err := recipe.Plan(o, 0)
	if err != nil || len(plan) != 3 || plan[0].WeightDecay != 0 || plan[1].Augment || !plan[2].Augment {
		t.Errorf("%+v, want plain, regularized and augmented; %v", plan, err)
	}
}

// TestAScheduleThatIsSwitchedOffLeavesTheRate has no peak to be below.
func TestAScheduleThatIsSwitchedOffLeavesTheRate(t *testing.T) {
	c := recipe.Defaults
	c.Schedule, c.LR = "constant", 0.1
	for _, v := range recipeVariants(c) {
		if v.Config.LR != 0.1 || v.Config.Schedule != "constant" {
			t.Errorf("%s: %s rate of %v, want a constant one of 0.1", v.Label, v.Config.Schedule, v.Config.LR)
		}
	}
}

func TestRegularizationIsTwoByTwo(t *testing.T) {
	c := regularized.Defaults
	c.LR = 0.1
	got := map[string][3]float64{}
	for _, v := range regularizedVariants(c) {
		got[v.Label] = [3]float64{v.Config.ConvDropout, v.Config.Dropout, v.Config.WeightDecay}
		same := v.Config
		same.ConvDropout, same.Dropout, same.WeightDecay = c.ConvDropout, c.Dropout, c.WeightDecay
		if !reflect.DeepEqual(same, c) {
			t.Errorf("%s differs in more than dropout and decay", v.Label)
		}
	}
	want := map[string][3]float64{"none": {}, "dropout": {0.25, 0.5, 0}, "decay": {0, 0, 5e-4}, "both": {0.25, 0.5, 5e-4}}
	if len(got) != 4 {
		t.Errorf("%v", got)
	}
	for label, v := range want {
		if got[label] != v {
			t.Errorf("%s is %v, want %v", label, got[label], v)
		}
	}
}
