package experiments

import (
	"strings"
	"testing"

	"cnnlab/experiments/suite"
)

func TestEveryExperimentIsWhole(t *testing.T) {
	for _, name := range Names() {
		e, ok := Find(name)
		if title, summary := e.Title(); !ok || title != name || strings.ToLower(name) != name || summary == "" {
			t.Errorf("%q: %q, %q", name, title, summary)
		}
		training, ok := e.(suite.Training)
		if ok && (training.Dataset == "" || training.Variants == nil || training.Build == nil || training.Report == nil || (training.Rates == nil) == (training.Sweep == nil)) {
			t.Errorf("%s lacks a part", name)
		}
	}
}
