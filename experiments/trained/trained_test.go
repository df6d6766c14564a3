package trained_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"cnnlab/data"
	"cnnlab/experiments"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/suite"
	"cnnlab/experiments/trained"
)

// train trains a small network on generated images and returns the run's directory.
func train(t *testing.T, dataset string) string {
	t.Helper()
	e, _ := experiments.Find("baseline")
	o := suite.NewOptions()
	o.Out, o.Dataset, o.Quiet, o.Limit, o.Rates = t.TempDir(), dataset, true, 2000, []float64{0.02}
	o.Given["epochs"], o.Given["channels"], o.Given["hidden"], o.Given["ema"] = "2", "8,16", "32", "0.9"
	if _, err := e.Run(context.Background(), o, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(o.Out, "*", "runs", "*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("%d runs, want 1", len(dirs))
	}
	return dirs[0]
}

func load(t *testing.T, name, out string) *trained.Network {
	t.Helper()
	n, err := trained.Load(name, out, experiments.Builders())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func write(t *testing.T, path string, img image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// rows predicts and returns the lines of the CSV.
func rows(t *testing.T, n *trained.Network, asIs bool, files ...string) [][]string {
	t.Helper()
	var out bytes.Buffer
	if err := n.Predict(files, "csv", asIs, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestPredictionsAreThoseOfTheRun compares the predictions for test images, written as
// pictures, with the run's own: from its directory, its name, and a copy of the weights
// alone.
func TestPredictionsAreThoseOfTheRun(t *testing.T) {
	for _, dataset := range []string{"digits", "shapes"} {
		dir := train(t, dataset)
		set, err := data.Load(context.Background(), dataset, data.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := runs.ReadPredictions(filepath.Join(dir, runs.PredictionsName))
		if err != nil {
			t.Fatal(err)
		}
		pictures := t.TempDir()
		for i := range 40 {
			write(t, filepath.Join(pictures, fmt.Sprintf("%02d.png", i)), set.Image(set.Test, i))
		}
		alone := filepath.Join(t.TempDir(), "alone.safetensors")
		content, err := os.ReadFile(filepath.Join(dir, runs.WeightsName))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(alone, content, 0o666); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{dir, filepath.Base(dir), alone} {
			n := load(t, name, filepath.Dir(filepath.Dir(filepath.Dir(dir))))
			lines := rows(t, n, true, pictures)
			if strings.Join(lines[0], ",") != "file,class,probability,second,second_probability,third,third_probability" || len(lines) != 41 {
				t.Fatalf("%s: %d lines, header %q", dataset, len(lines), lines[0])
			}
			for i, line := range lines[1:] {
				p, err := strconv.ParseFloat(line[2], 64)
				if err != nil || line[1] != set.Classes[want[i].Predicted] || math.Abs(p-want[i].Confidence) > 1e-5 {
					t.Errorf("%s, %s: %s is %s with %s, want %s with %v", dataset, name, line[0], line[1], line[2], set.Classes[want[i].Predicted], want[i].Confidence)
				}
			}
		}
	}
}

// photograph returns a drawing, light on black, as a camera shows ink on paper: shaded,
// vignetted, tinted, noisy, and packed as JPEG.
func photograph(t *testing.T, drawing *image.Gray, light, noise float64, random *rand.Rand) image.Image {
	b := drawing.Bounds()
	img := image.NewNRGBA(b)
	slopeX, slopeY := random.Float64()*2-1, random.Float64()*2-1
	for y := range b.Dy() {
		for x := range b.Dx() {
			u, v := 2*float64(x)/float64(b.Dx())-1, 2*float64(y)/float64(b.Dy())-1
			paper := 190 + light*(slopeX*u+slopeY*v-(u*u+v*v)/2)
			ink := float64(drawing.GrayAt(x, y).Y) / 255
			for c, tint := range []float64{1, 0.96, 0.85} {
				value := paper*tint*(1-ink*[]float64{0.75, 0.7, 0.45}[c]) + noise*random.NormFloat64()
				img.Pix[img.PixOffset(x, y)+c] = uint8(min(255, max(0, value)))
			}
			img.Pix[img.PixOffset(x, y)+3] = 255
		}
	}
	var packed bytes.Buffer
	if err := jpeg.Encode(&packed, img, &jpeg.Options{Quality: 70}); err != nil {
		t.Fatal(err)
	}
	back, err := jpeg.Decode(&packed)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// TestADigitIsTheSameHoweverItIsDrawn shows test images white on black and black on white,
// scanned and photographed, enlarged, out of the centre: the answer stays, where the small network is sure of it.
func TestADigitIsTheSameHoweverItIsDrawn(t *testing.T) {
	n := load(t, train(t, "digits"), "")
	set := data.Digits(1, 2000, 60)
	same, dir, random := map[string]int{}, t.TempDir(), rand.New(rand.NewPCG(1, 2))
	sure := 0
	for i := range 60 {
		img := set.Image(set.Test, i).(*image.NRGBA)
		for p := range img.Pix { // without the generated noise
			if p%4 != 3 && img.Pix[p] < 60 {
				img.Pix[p] = 0
			}
		}
		light := image.NewGray(image.Rect(0, 0, 300, 260))
		draw.CatmullRom.Scale(light, image.Rect(40, 20, 240, 220), img, img.Bounds(), draw.Src, nil)
		dark := image.NewGray(light.Bounds())
		for p, v := range light.Pix {
			dark.Pix[p] = uint8(250 - int(v)*200/255)
		}
		lines := rows(t, n, false, write(t, filepath.Join(dir, "a.png"), light), write(t, filepath.Join(dir, "b.png"), dark),
			write(t, filepath.Join(dir, "c.png"), photograph(t, light, 10, 4, random)), write(t, filepath.Join(dir, "d.png"), photograph(t, light, 60, 8, random)))
		if p, err := strconv.ParseFloat(lines[1][2], 64); err != nil || p < 0.6 {
			continue
		}
		sure++
		for k, ground := range []string{"dark on light", "scanned", "photographed"} {
			if lines[1][1] == lines[k+2][1] {
				same[ground]++
			}
		}
	}
	for _, ground := range []string{"dark on light", "scanned", "photographed"} {
		t.Logf("%s: %d of %d", ground, same[ground], sure)
		if sure < 20 || same[ground] < sure*17/20 {
			t.Errorf("%s: %d digits of %d have the same answer as light on black", ground, same[ground], sure)
		}
	}
}

// TestWhatCannotBeReadIsNamed gives files that are no pictures, and folders.
func TestWhatCannotBeReadIsNamed(t *testing.T) {
	dir := train(t, "digits")
	n := load(t, dir, "")
	pictures := t.TempDir()
	cross := image.NewGray(image.Rect(0, 0, 50, 50))
	for i := range 50 {
		cross.SetGray(i, 25, color.Gray{255})
		cross.SetGray(25, i, color.Gray{255})
	}
	write(t, filepath.Join(pictures, "sub", "cross.png"), cross)
	write(t, filepath.Join(pictures, "empty.png"), image.NewGray(image.Rect(0, 0, 50, 50)))
	if err := os.WriteFile(filepath.Join(pictures, "text.jpg"), []byte("no picture"), 0o666); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	err := n.Predict([]string{pictures, filepath.Join(pictures, "missing.png")}, "json", false, &out, &said)
	if err == nil {
		t.Error("pictures that cannot be read are no error")
	}
	for _, want := range []string{"empty.png: the picture is empty", "text.jpg: not a picture", "missing.png: there is no such file"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("no %q in %s", want, &said)
		}
	}
	var found []struct {
		File, Error string
		Best        []struct {
			Class       string
			Probability float64
		}
	}
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, p := range found {
		if p.Error == "" {
			read++
			if len(p.Best) != 3 || !strings.HasSuffix(p.File, "cross.png") || p.Best[0].Probability < p.Best[1].Probability {
				t.Errorf("%+v", p)
			}
		}
	}
	if len(found) != 4 || read != 1 {
		t.Errorf("%d pictures, %d read; want 4 and 1", len(found), read)
	}
	var none bytes.Buffer
	if err := n.Predict([]string{filepath.Join(pictures, "sub")}, "text", true, io.Discard, &none); err == nil || !strings.Contains(none.String(), "50×50 pixels, want 28×28") {
		t.Errorf("as it is: %v, %s", err, &none)
	}
}

// TestNetworksThatCannotBeLoaded are named with what is wrong.
func TestNetworksThatCannotBeLoaded(t *testing.T) {
	dir := train(t, "digits")
	empty := t.TempDir()
	broken := filepath.Join(empty, "broken.safetensors")
	if err := os.WriteFile(broken, []byte("hello"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"nowhere": "is neither a run's directory", "../../etc": "is neither a run's directory", empty: "has no weights", broken: "weights",
	} {
		if _, err := trained.Load(name, filepath.Join(dir, "..", "..", ".."), experiments.Builders()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestTheModelIsWritten exports; the model's content is checked by onnxruntime in CI.
func TestTheModelIsWritten(t *testing.T) {
	n := load(t, train(t, "shapes"), "")
	path := filepath.Join(t.TempDir(), "net.onnx")
	if err := n.Export(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || len(content) < 4*n.Parameters() {
		t.Fatalf("%d bytes for %d parameters; %v", len(content), n.Parameters(), err)
	}
	for _, want := range []string{"Conv", "MaxPool", "Gemm", "Softmax", "conv1.weight", "probabilities", "mean"} {
		if !bytes.Contains(content, []byte(want)) {
			t.Errorf("the model lacks %q", want)
		}
	}
}
