package serve_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cnnlab/experiments"
	"cnnlab/experiments/report/page"
	"cnnlab/experiments/serve"
	"cnnlab/experiments/suite"
)

// train runs an experiment on generated digits, or on MNIST where CNNLAB_DATA has it,
// until ctx ends.
func train(t *testing.T, ctx context.Context, dir, name string, change func(o *suite.Options)) error {
	e, ok := experiments.Find(name)
	if !ok {
		t.Fatalf("no experiment %s", name)
	}
	o := suite.NewOptions()
	o.Out, o.Dataset, o.Quiet, o.Steps = dir, "digits", true, experiments.Steps()
	if root := os.Getenv("CNNLAB_DATA"); root != "" {
		if _, err := os.Stat(filepath.Join(root, "mnist")); err == nil {
			o.Dataset, o.Data = "mnist", root
		}
	}
	o.Rates = []float64{0.02}
	change(&o)
	_, err := e.Run(ctx, o, io.Discard, io.Discard)
	return err
}

// start serves a results directory and returns its address.
func start(t *testing.T, dir string) string {
	t.Helper()
	server, err := serve.New("127.0.0.1:0", dir, experiments.Steps(), experiments.Builders(), os.Getenv("CNNLAB_DATA"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	var said strings.Builder
	server.Announce(&said)
	_, address, _ := strings.Cut(said.String(), "http://")
	address, _, _ = strings.Cut(address, " ")
	return "http://" + address
}

// TestTheFileIsComplete opens the page of the reference results from the disk.
func TestTheFileIsComplete(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../results/reference")); err != nil {
		t.Fatal(err)
	}
	path, err := page.WriteFile(dir, experiments.Steps())
	if err != nil {
		t.Fatal(err)
	}
	shown, err := filepath.Glob(filepath.Join(dir, "*", "summary.md"))
	if err != nil || len(shown) < 10 {
		t.Fatal(shown, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 350_000*int64(len(shown)) {
		t.Errorf("the page has %d bytes, want at most 350,000 for each of %d experiments; %v", info.Size(), len(shown), err)
	}
	b := open(t, "file://"+path)
	b.await(`document.querySelectorAll(".experiment").length >= 10 && document.querySelectorAll(".plot canvas").length >= 8`)

	// All seven rates are drawn; one that is switched off is gone, and comes back.
	blue, gold := [3]int{0x0d, 0x08, 0x87}, [3]int{0xc9, 0x97, 0x00}
	if b.ink("lr-sweep", blue) < 300 || b.ink("lr-sweep", gold) < 300 {
		t.Errorf("the curves of the sweep have %d and %d pixels, want 300", b.ink("lr-sweep", blue), b.ink("lr-sweep", gold))
	}
	all := b.picture("lr-sweep")
	b.click("lr-sweep", "learning rate 0.3")
	if n := b.ink("lr-sweep", gold); n > 0 {
		t.Errorf("%d pixels of a rate that is switched off", n)
	}
	b.click("lr-sweep", "learning rate 0.3")
	same := func(what string, want bool) {
		t.Helper()
		if got := b.picture("lr-sweep") == all; got != want {
			t.Errorf("%s: the same picture as at first: %v, want %v", what, got, want)
		}
	}
	same("all rates again", true)
	b.click("lr-sweep", "log axis")
	same("log axis", false)
	b.click("lr-sweep", "log axis")
	b.click("lr-sweep", "each seed")
	same("each seed", false)
	b.click("lr-sweep", "each seed")
	b.click("lr-sweep", "2") // the second seed
	same("two seeds", false)
	b.click("lr-sweep", "2")
	b.set(`#lr-sweep input[type="range"]`, "0.9", "input")
	same("smoothing", false)
	b.set(`#lr-sweep input[type="range"]`, "0", "input")
	same("as at first", true)

	// A drag zooms in, the button out, keys do both.
	reset := `document.querySelector("#lr-sweep .controls button").disabled`
	b.stroke("#lr-sweep .u-over", [2]float64{0.2, 0.5}, [2]float64{0.5, 0.5})
	b.await("!" + reset)
	same("zoomed", false)
	b.click("lr-sweep", "Reset zoom")
	b.await(reset)
	eval[bool](b, `(() => { const p = document.querySelector("#lr-sweep .plot"); p.focus(); for (const key of ["ArrowRight", "+"]) p.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })); return true; })()`)
	b.await("!" + reset)
	eval[bool](b, `document.querySelector("#lr-sweep .plot").dispatchEvent(new KeyboardEvent("keydown", { key: "0", bubbles: true }))`)
	b.await(reset)

	// Values under the pointer, in words and in a table.
	b.point("#lr-sweep .u-over", 0.5, 0.5)
	b.await(`/step \d+.*learning rate 0.01 [\d.]+ %/.test(document.querySelector("#lr-sweep .readout").textContent)`)
	b.click("lr-sweep", "The numbers")
	b.await(`document.querySelectorAll("#lr-sweep .numbers tbody tr").length > 50`)
	if label := eval[string](b, `document.querySelector("#lr-sweep .plot").getAttribute("aria-label")`); !strings.Contains(label, "learning rate 0.01 ") {
		t.Errorf("the picture's text is %q", label)
	}
	b.set("#lr-sweep select", "epochs", "change")
	same("another metric", false)

	if reached, want := b.reached(); reached != want {
		t.Errorf("the Tab key reaches %d of %d controls", reached, want)
	}
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 1280 {
		t.Errorf("the page is %d pixels wide in a window of 1280", wide)
	}
	b.look("file")
	b.quiet("file://" + path)
}

// TestThePageGrows opens the page of an empty directory, starts a training, and stops and
// continues it.
func TestThePageGrows(t *testing.T) {
	dir := t.TempDir()
	address := start(t, dir)
	b := open(t, address)
	b.await(`document.getElementById("state").textContent.startsWith("Live")`)
	if text := eval[string](b, `document.getElementById("none").innerText`); !strings.Contains(text, "no results here yet") {
		t.Errorf("the page of an empty directory says %q", text)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	epochs := func(o *suite.Options) { o.Limit, o.Given["epochs"], o.Jobs = 3000, "1000", 1 } // longer than this test
	go func() { ended <- train(t, ctx, dir, "baseline", epochs) }()
	const state = `document.querySelector(".experiment .state")?.textContent ?? ""`
	b.await(`/running, step \d+ of/.test(` + state + `)`)

	// What a step writes is on the page within a second.
	if eval[bool](b, `document.getElementById("none").checkVisibility()`) {
		t.Error("with results, the page says that there are none")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "runs", "*", "steps.csv"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d runs, want 1", len(files))
	}
	late := 0
	for range 10 {
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		steps := strings.Count(string(content), "\n") - 1
		time.Sleep(time.Second)
		shown := eval[string](b, `(`+state+`).match(/step (\d+)/)?.[1] ?? "100000"`)
		if n, err := strconv.Atoi(shown); err != nil || n < steps {
			late++
			t.Logf("a second after step %d, the page shows %s", steps, shown)
		}
	}
	if late > 1 { // the machine may be busy once
		t.Errorf("the page was more than a second behind at %d of 10 looks", late)
	}
	stop()
	<-ended
	b.await(`/interrupted, step/.test(` + state + `)`)
	ctx, stop = context.WithCancel(context.Background())
	defer stop()
	go func() { ended <- train(t, ctx, dir, "baseline", epochs) }()
	b.await(`/running, step/.test(` + state + `)`)
	name := filepath.Base(filepath.Dir(filepath.Dir(filepath.Dir(files[0]))))
	if n := b.ink(name, [3]int{0x0d, 0x08, 0x87}) + b.ink(name, [3]int{0, 0x72, 0xb2}); n < 100 {
		t.Errorf("the growing curve has %d pixels, want 100", n)
	}

	// A run that diverges appears beside it.
	if err := train(t, context.Background(), dir, "baseline", func(o *suite.Options) { o.Rates, o.Limit, o.Trial = []float64{1e5}, 3000, 0 }); err == nil {
		t.Error("learning rate 1e5 did not diverge")
	}
	b.await(`[...document.querySelectorAll(".experiment .state")].some((e) => /diverged at step/.test(e.textContent))`)
	b.quiet(address)
	stop()
	<-ended
}

// TestADrawnDigitIsRecognized draws with a simulated pen.
func TestADrawnDigitIsRecognized(t *testing.T) {
	dir := t.TempDir()
	if err := train(t, context.Background(), dir, "baseline", func(o *suite.Options) {
		o.Limit, o.Given["epochs"], o.Snapshots = 8000, "3", true
	}); err != nil {
		t.Fatal(err)
	}
	address := start(t, dir)
	b := open(t, address)
	b.await(`document.querySelector("#play canvas.paper") !== null && !document.getElementById("play").hidden`)
	for _, digit := range []struct {
		class  string
		points [][2]float64
	}{
		{"1", [][2]float64{{0.55, 0.15}, {0.48, 0.85}}},
		{"7", [][2]float64{{0.25, 0.2}, {0.75, 0.2}, {0.45, 0.85}}},
		{"0", [][2]float64{{0.5, 0.15}, {0.32, 0.25}, {0.27, 0.5}, {0.32, 0.75}, {0.5, 0.85}, {0.68, 0.75}, {0.73, 0.5}, {0.68, 0.25}, {0.5, 0.15}}},
	} {
		b.stroke("#play canvas.paper", digit.points...)
		b.await(`document.querySelector("#play .note").textContent.startsWith("` + digit.class + `, ")`)
		if maps := eval[int](b, `document.querySelectorAll("#play canvas.maps").length`); maps != 2 {
			t.Errorf("%d pictures of feature maps, want 2", maps)
		}
		if bars := eval[int](b, `document.querySelectorAll("#play .bars tr").length`); bars != 10 {
			t.Errorf("%d probabilities, want 10", bars)
		}
		b.click("play", "3") // what would make it a 3?
		b.await(`/towards 3/.test(document.querySelector("#play .view").textContent)`)
		if digit.class != "0" {
			b.click("play", "Clear")
		}
	}
	b.set(`#play input[type="number"]`, "5", "change")
	b.await(`/test image 5 shows/.test(document.querySelector("#play .note").textContent)`)

	// The filters and the confusion change with the slider.
	first := eval[string](b, `document.querySelector(".snapshots canvas").toDataURL()`)
	b.set(`.snapshots input[type="range"]`, "0", "input")
	b.await(`/epoch 1:/.test(document.querySelector(".snapshots output").textContent)`)
	if eval[string](b, `document.querySelector(".snapshots canvas").toDataURL()`) == first {
		t.Error("the filters are the same after the first epoch and the last")
	}
	if reached, want := b.reached(); reached != want {
		t.Errorf("the Tab key reaches %d of %d controls", reached, want)
	}
	b.look("play")
	b.quiet(address)
}
