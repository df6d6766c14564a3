package runs

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestColumnsAreTheDocumentedOnes(t *testing.T) {
	for want, got := range map[string]string{
		"run,step,epoch,lr,train_loss,train_error\n":                                  header[StepRow](),
		"run,epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,seconds\n": header[EpochRow](),
		"index,label,predicted,confidence\n":                                          header[PredictionRow](),
		"run,experiment,dataset,train_images,channels,extra_convs,kernel,hidden,batch,epochs,solver,lr," +
			"schedule,momentum,weight_decay,ema,dropout,conv_dropout,augment,tta,shuffle,ops,seed,status," +
			"best_epoch,val_accuracy,test_loss,test_accuracy,parameters,seconds,samples_per_second\n": header[RunRow](),
	} {
		if got != want {
			t.Errorf("header %q, want %q", got, want)
		}
	}
}

func TestConfigHasTheSameNamesInJSONAndCSV(t *testing.T) {
	config := testRecord("a").Config
	config.ExtraConvs = 1 // 0 is left out
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var names map[string]any
	if err := json.Unmarshal(text, &names); err != nil {
		t.Fatal(err)
	}
	if len(names) != len(Columns[Config]()) {
		t.Errorf("%d names in JSON, want %d", len(names), len(Columns[Config]()))
	}
	for _, name := range Columns[Config]() {
		if _, ok := names[name]; !ok {
			t.Errorf("column %s is not in JSON: %s", name, text)
		}
	}
	if channels, _ := names["channels"].([]any); len(channels) != 2 {
		t.Errorf("channels in JSON: %v, want an array of 2", names["channels"])
	}
}

// awkward are numbers whose text form goes wrong most easily.
var awkward = []float64{0, 1, 0.1, 1.0 / 3, 1e-7, 1e21, 1e308, 5e-324, -2.5, math.MaxFloat64,
	math.NaN(), math.Inf(1), math.Inf(-1), 98.5e-2, 123456789.25}

func TestRowsReadBackAsWritten(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	number := func() float64 { return awkward[rng.IntN(len(awkward))] }
	maybe := func() *float64 { return Finite(number()) }
	var steps []StepRow
	var epochs []EpochRow
	var runs []RunRow
	var predictions []PredictionRow
	for i := range 200 {
		steps = append(steps, StepRow{"lr0.1-s1", i, 1, number(), number(), number()})
		epochs = append(epochs, EpochRow{"a", i, 2, number(), number(), number(), number(), number(), number()})
		predictions = append(predictions, PredictionRow{i, rng.IntN(10), rng.IntN(10), number()})
		row := testRecord(`quoted "run", comma`).Row()
		row.LR, row.Seed, row.ValAccuracy, row.Seconds = number(), rng.Uint64(), maybe(), maybe()
		row.Channels = []Sizes{nil, {1}, {32, 64, 128}}[i%3]
		row.Status = statuses[i%len(statuses)]
		if i%2 == 0 {
			row.BestEpoch, row.Parameters = nil, nil
		}
		runs = append(runs, row)
	}
	roundTrip(t, steps)
	roundTrip(t, epochs)
	roundTrip(t, runs)
	roundTrip(t, predictions)
}

func roundTrip[T row](t *testing.T, rows []T) {
	t.Helper()
	var text bytes.Buffer
	if err := WriteRows(&text, rows); err != nil {
		t.Fatal(err)
	}
	back, err := collect(readRows[T]("x.csv", &text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, back, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("rows changed on their way:\n%s", diff)
	}
}

func TestFloatCellsAreShortAndPlain(t *testing.T) {
	for want, v := range map[string]float64{"0.1": 0.1, "NaN": math.NaN(), "Inf": math.Inf(1),
		"-Inf": math.Inf(-1), "1e-05": 1e-5, "0.0003": 3e-4, "100": 100} {
		if got, _ := floatCell(v); string(got) != want {
			t.Errorf("cell of %v: %s, want %s", v, got, want)
		}
	}
}

func TestReadersSayWhatIsWrongAndWhere(t *testing.T) {
	head := header[StepRow]()
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "steps.csv: line 1: empty file, want the header"},
		{"foreign header", "a,b\n1,2\n", `steps.csv: line 1: no column run, step, epoch, lr, train_loss, train_error; want a file with the header "run,step`},
		{"lost column", "run,step,epoch,lr,train_loss\n", "line 1: no column train_error"},
		{"short row", head + "a,1,1,0.1,2,0.9\na,2,1\n", "steps.csv: line 3: found 3 columns, want 6"},
		{"long row", head + "a,1,1,0.1,2,0.9,7\n", "line 2: found 7 columns, want 6"},
		{"bad number", head + "a,1,1,0.1,2,x\n", `line 2: column train_error: found "x", want a number`},
		{"no number", head + "a,1,1,0.1,,0\n", `line 2: column train_loss: found "", want a number`},
		{"fraction", head + "a,1.5,1,0.1,2,0\n", `line 2: column step: found "1.5", want a whole number`},
		{"zeros of a power cut", head + "\x00\x00\x00\x00\n", "line 2: found 1 columns, want 6"},
		{"quote", head + "a,\"1,1,0.1,2,0\n", "line 2"},
	} {
		path := filepath.Join(t.TempDir(), "steps.csv")
		if err := os.WriteFile(path, []byte(test.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := readSteps(path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
	if _, err := ReadRuns(filepath.Join(t.TempDir(), "runs.csv")); !os.IsNotExist(causeOf(err)) {
		t.Errorf("absent file: error %v, want not-exist", err)
	}
	row := strings.Replace(header[RunRow](), "channels", "32 x", 1)
	if _, err := collect(readRows[RunRow]("runs.csv", strings.NewReader(header[RunRow]()+row))); err == nil {
		t.Error("a row of names read as a run")
	}
}

// TestFilesOfOtherVersionsAreRead by the names of their columns: with the headers
// of every earlier version, in another order, and with columns of a later one.
func TestFilesOfOtherVersionsAreRead(t *testing.T) {
	const first = "run,experiment,dataset,train_images,channels,kernel,hidden,batch,epochs,solver,lr,schedule,momentum,weight_decay," +
		"dropout,conv_dropout,augment,shuffle,ops,seed,status,best_epoch,val_accuracy,test_loss,test_accuracy,parameters,seconds,samples_per_second"
	withEMA := strings.Replace(first, "weight_decay,", "weight_decay,ema,", 1)
	withTTA := strings.Replace(withEMA, "augment,", "augment,tta,", 1)
	want := testRecord("a").Row()
	today := Columns[RunRow]()
	cells := map[string]string{"label_smoothing": "0.1"} // of a later version
	for i, cell := range want.Cells() {
		cells[today[i]] = cell
	}
	reversed := slices.Clone(today)
	slices.Reverse(reversed)
	for _, head := range []string{first, withEMA, withTTA, strings.Join(today, ","), strings.Join(reversed, ","), "label_smoothing," + strings.Join(today, ",")} {
		var line []string
		for _, name := range strings.Split(head, ",") {
			line = append(line, cells[name])
		}
		rows, err := collect(readRows[RunRow]("runs.csv", strings.NewReader(head+"\n"+strings.Join(line, ",")+"\n")))
		if diff := cmp.Diff([]RunRow{want}, rows); diff != "" || err != nil {
			t.Errorf("header %s: %v %s", head, err, diff)
		}
	}
}

// TestMergeKeepsColumnsOfLaterRevisions at the end, empty where a run has none.
func TestMergeKeepsColumnsOfLaterRevisions(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"a", "b"} {
		finishedRun(t, dir, id, 1)
		forgetFiles(t, dir, id)
	}
	path := filepath.Join(Path(dir, "a"), StepsName)
	must(t, os.WriteFile(path, []byte("step,run,epoch,lr,train_error,later,train_loss\n1,a,1,0.1,0.9,\"7, 8\",2.5\n"), 0o666))
	record := filepath.Join(Path(dir, "a"), recordName)
	changed := strings.Replace(read(t, record), `"config": {`, `"config": {"smoothing": 0.1, "mode": "new",`, 1)
	must(t, os.WriteFile(record, []byte(strings.Replace(changed, `"record_sha256"`, `"sum"`, 1)), 0o666))
	_, warnings, err := Merge(dir, []string{"a", "b"})
	if err != nil || warnings != nil {
		t.Fatal(warnings, err)
	}
	if got, want := read(t, dir, StepsName), strings.TrimSpace(header[StepRow]())+",later\na,1,1,0.1,2.5,0.9,\"7, 8\"\nb,1,1,0.1,1,0.5,\n"; got != want {
		t.Errorf("merged steps: %q, want %q", got, want)
	}
	lines := strings.Split(read(t, dir, RunsName), "\n")
	if !strings.HasSuffix(lines[0], ",samples_per_second,mode,smoothing") || !strings.HasSuffix(lines[1], ",new,0.1") || !strings.HasSuffix(lines[2], ",,") {
		t.Errorf("merged runs: %q", lines)
	}
}

// TestARecordThatWasChangedIsNotBelieved.
func TestARecordThatWasChangedIsNotBelieved(t *testing.T) {
	dir := t.TempDir()
	finishedRun(t, dir, "a", 1)
	path := filepath.Join(Path(dir, "a"), recordName)
	must(t, os.WriteFile(path, []byte(strings.Replace(read(t, path), "0.985", "0.995", 1)), 0o666))
	if _, err := ReadRecord(Path(dir, "a")); err == nil || !strings.HasSuffix(err.Error(), "run.json: changed since it was written") {
		t.Errorf("error %v", err)
	}
}

// TestEveryChangeOfAFileIsFound: a byte, a row, the whole file.
func TestEveryChangeOfAFileIsFound(t *testing.T) {
	for _, name := range []string{StepsName, EpochsName, PredictionsName, WeightsName} {
		for how, change := range map[string]func(path, text string) error{
			"byte": func(path, text string) error { return os.WriteFile(path, []byte(text[:len(text)-2]+"x\n"), 0o666) },
			"row":  func(path, text string) error { return os.WriteFile(path, []byte(text[:len(text)-3]), 0o666) },
			"gone": func(path, _ string) error { return os.Remove(path) },
		} {
			dir := t.TempDir()
			run := testRun(t, dir, "a")
			must(t, run.AppendStep(StepRow{Step: 1}), run.AppendEpoch(EpochRow{Epoch: 1, Step: 1}))
			must(t, run.WritePredictions([]PredictionRow{{0, 7, 7, 0.99}}), run.WriteFile(WeightsName, content("weights\n")))
			must(t, run.WriteRecord(testRecord("a")), run.Close())
			path := filepath.Join(Path(dir, "a"), name)
			must(t, change(path, read(t, path)))
			record, err := ReadRecord(Path(dir, "a"))
			if damage := record.Damage(Path(dir, "a")); err != nil || len(damage) != 1 || damage[0].Name != name {
				t.Errorf("%s, %s: damage %v, error %v", name, how, damage, err)
			}
			_, warnings, err := Merge(dir, []string{"a"})
			if err != nil || len(warnings) != 1 || !warnings[0].Damage || !strings.Contains(warnings[0].Reason, "restore the file, or delete") {
				t.Errorf("%s, %s: warnings %v, error %v", name, how, warnings, err)
			}
			if rows, err := ReadRuns(filepath.Join(dir, RunsName)); err != nil || len(rows) != 1 || rows[0].Status != StatusDamaged || rows[0].TestAccuracy != nil {
				t.Errorf("%s, %s: %+v, %v", name, how, rows, err)
			}
		}
	}
}

// TestRecordsWithoutExtraConvolutionsAreThoseOfBefore, so that the weights, which hold one, keep
// the sums in results/reference/weights.sha256.
func TestRecordsWithoutExtraConvolutionsAreThoseOfBefore(t *testing.T) {
	for extra, want := range []bool{false, true} {
		content, err := json.Marshal(Config{ExtraConvs: extra})
		must(t, err)
		if got := strings.Contains(string(content), "extra_convs"); got != want {
			t.Errorf("%d extra convolutions: %s", extra, content)
		}
	}
}
