package suite

import (
	"regexp"
	"testing"

	"cnnlab/data"
)

var testSet = &data.Dataset{SHA256: "abc"}

func TestRunIDCoversWhatChangesBitsAndNothingElse(t *testing.T) {
	set := testSet
	c := Defaults(func(c *Config) { c.Epochs = 2 })
	c.Dataset, c.TrainImages, c.LR = "mnist", 55_000, 0.01
	id := runID("", c, set)
	// sha256 of {"dataset":"mnist","dataset_sha256":"abc","epochs":2,"lr":0.01,"train_images":55000};
	// a change here orphans every run there is
	if id != "lr0.01-s1-3b4ac94a" {
		t.Errorf("id %s", id)
	}
	seen := map[string]string{id: "the defaults"}
	for name, change := range map[string]func(c *Config){
		"limit":        func(c *Config) { c.TrainImages = 5000 },
		"channels":     func(c *Config) { c.Channels = []int{32, 65} },
		"extra convs":  func(c *Config) { c.ExtraConvs = 1 },
		"kernel":       func(c *Config) { c.Kernel = 5 },
		"hidden":       func(c *Config) { c.Hidden = 129 },
		"batch":        func(c *Config) { c.Batch = 64 },
		"epochs":       func(c *Config) { c.Epochs = 3 },
		"solver":       func(c *Config) { c.Solver = "adam" },
		"rate":         func(c *Config) { c.LR = 0.02 },
		"momentum":     func(c *Config) { c.Momentum = 0 },
		"weight decay": func(c *Config) { c.WeightDecay = 5e-4 },
		"average":      func(c *Config) { c.EMA = 0.999 },
		"dropout":      func(c *Config) { c.Dropout = 0.5 },
		"conv dropout": func(c *Config) { c.ConvDropout = 0.5 },
		"augment":      func(c *Config) { c.Augment = true },
		"tta":          func(c *Config) { c.TTA = true },
		"shuffle":      func(c *Config) { c.Shuffle = false },
		"ops":          func(c *Config) { c.Ops = "gorgonia" },
		"schedule":     func(c *Config) { c.Schedule = "cosine" },
		"seed":         func(c *Config) { c.Seed = 2 },
	} {
		changed := c
		change(&changed)
		id := runID("", changed, set)
		if other, ok := seen[id]; ok {
			t.Errorf("%s has the id of %s", name, other)
		}
		seen[id] = name
	}
	if runID("", c, &data.Dataset{SHA256: "abd"}) == id {
		t.Error("another data set has the same id")
	}
}

func TestRunIDIsASlugWithLabelRateAndSeed(t *testing.T) {
	form := regexp.MustCompile(`^digits-dropout-lr[0-9.e-]+-s7-[0-9a-f]{8}$`)
	for _, lr := range []float64{0.1, 1e-7, 1e20, 123456789} {
		c := defaults
		c.LR, c.Seed = lr, 7
		if id := runID("digits-dropout", c, &data.Dataset{}); !form.MatchString(id) {
			t.Errorf("id %s", id)
		}
	}
}
