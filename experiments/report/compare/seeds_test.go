package compare

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cnnlab/experiments/report/runs"
)

// seeded are three seeds at a good rate, two of a worse one of which one diverged, and a
// second run of a seed that differs from the first in what runs.csv does not say.
func seeded(t *testing.T) Comparison {
	t.Helper()
	row := func(id string, lr float64, seed uint64, accuracy float64) runs.RunRow {
		r := comparedRun("lr-sweep", id, lr, accuracy)
		r.Seed, r.TestLoss = seed, new(0.5)
		return r
	}
	diverged := row("lr0.3-s2-00000005", 0.3, 2, 0)
	diverged.Status, diverged.Metrics = runs.StatusDiverged, runs.Metrics{}
	dir := filepath.Join(t.TempDir(), "sweep")
	writeRuns(t, []runs.RunRow{
		row("lr0.3-s1-00000004", 0.3, 1, 0.9), diverged, row("lr0.1-s3-00000003", 0.1, 3, 0.99),
		row("lr0.1-s1-00000001", 0.1, 1, 0.97), row("lr0.1-s2-00000002", 0.1, 2, 0.98), row("lr0.1-s2-00000006", 0.1, 2, 0.5),
	}, dir)
	c, warnings, err := Runs([]string{dir}, "")
	if err != nil || warnings != nil {
		t.Fatal(warnings, err)
	}
	return c.OverSeeds()
}

func TestALineForEachVariant(t *testing.T) {
	var text strings.Builder
	must(t, seeded(t).WriteText(&text, 0))
	_, table, _ := strings.Cut(text.String(), "\n\n")
	lines := strings.Split(table, "\n")
	for i, want := range []string{
		"run lr seeds status best_epoch val_accuracy test_loss test_accuracy parameters seconds samples_per_second",
		"lr0.1 0.1 3 done 2 ± 0 98.00 ± 0.00 % 0.5000 ± 0.0000 98.00 ± 1.00 % 421642 12.5 ± 0.0 800 ± 0",
		"lr0.1 0.1 1 done 2 98.00 % 0.5000 50.00 % 421642 12.5 800",
		"lr0.3 0.3 2 1 of 2 diverged 12.5 ± 0.0 800 ± 0",
	} {
		if got := strings.Join(strings.Fields(lines[i]), " "); got != want {
			t.Errorf("line %d: %s, want %s", i, got, want)
		}
	}
}

func TestVariantsAsCSVHaveMeansAndDeviations(t *testing.T) {
	var csv strings.Builder
	must(t, seeded(t).WriteCSV(&csv))
	want := `run,experiment,dataset,train_images,channels,extra_convs,kernel,hidden,batch,epochs,solver,lr,schedule,momentum,weight_decay,ema,dropout,conv_dropout,augment,tta,shuffle,ops,seeds,status,` +
		`best_epoch,best_epoch_sd,val_accuracy,val_accuracy_sd,test_loss,test_loss_sd,test_accuracy,test_accuracy_sd,parameters,seconds,seconds_sd,samples_per_second,samples_per_second_sd
lr0.1,lr-sweep,mnist,5000,32 64,0,3,128,100,2,sgd,0.1,constant,0.9,0,0,0,0,false,false,true,fast,3,done,2,0,0.98,0,0.5,0,0.98,0.010000000000000009,421642,12.5,0,800,0
lr0.1,lr-sweep,mnist,5000,32 64,0,3,128,100,2,sgd,0.1,constant,0.9,0,0,0,0,false,false,true,fast,1,done,2,,0.98,,0.5,,0.5,,421642,12.5,,800,
lr0.3,lr-sweep,mnist,5000,32 64,0,3,128,100,2,sgd,0.3,constant,0.9,0,0,0,0,false,false,true,fast,2,1 of 2 diverged,,,,,,,,,,12.5,0,800,0
`
	if diff := cmp.Diff(want, csv.String()); diff != "" {
		t.Error(diff)
	}
}

func TestVariantsAsMarkdown(t *testing.T) {
	var markdown strings.Builder
	must(t, seeded(t).WriteMarkdown(&markdown))
	if want := "| lr0.1 | 0.1 | 3 | done |"; !strings.Contains(markdown.String(), want) {
		t.Errorf("no %q in\n%s", want, &markdown)
	}
}
