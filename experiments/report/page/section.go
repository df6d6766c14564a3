package page

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
)

// Section shows one experiment. Its HTML is complete without a script, except for what
// can be moved and switched.
type Section struct {
	Name  string
	Order int
	HTML  template.HTML
	Runs  []*run

	title, answer string
}

// MarshalJSON implements json.Marshaler.
func (s *Section) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"name": s.Name, "order": s.Order, "title": s.title, "answer": s.answer, "html": string(s.HTML), "runs": s.Runs})
}

// Data returns the section for a page that holds its HTML already.
func (s *Section) Data() *Section {
	bare := *s
	bare.HTML = ""
	return &bare
}

// sectionContent is what section.html shows.
type sectionContent struct {
	Name, Title, Question, Answer string
	Curves                        string
	HasRuns                       bool
	Table, Diagnosis, Notes       template.HTML
	Confusions                    []confusion
	Pictures                      []picture
	Command                       string
	Hardware                      []string
}

func (e *experiment) newSection() *Section {
	s := e.readSummary()
	s.Name, s.Question, s.Curves = e.name, e.step.Question, cmp.Or(e.step.Curves, "epochs")
	s.Title = cmp.Or(s.Title, e.name)
	sorted := e.sorted()
	if s.Answer == "" {
		s.Answer = bestOnVal(sorted)
	}
	s.HasRuns = len(sorted) > 0
	s.Confusions = e.confusions(best(sorted))
	s.Pictures = e.pictures(s.HasRuns)
	if command, err := durable.ReadFile(e.path("command.txt"), maxText); err == nil {
		s.Command = "go run . " + strings.TrimSpace(string(command))
	}
	s.Hardware = hardware(sorted)
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "section.html", s); err != nil {
		b.Reset()
		fmt.Fprintf(&b, "<section><p>%s</p></section>", template.HTMLEscapeString(err.Error()))
	}
	return &Section{Name: e.name, Order: e.order, HTML: template.HTML(b.String()), Runs: sorted, title: s.Title, answer: s.Answer}
}

// markdown renders tables too, and leaves raw HTML and unsafe links out.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

func render(text string) template.HTML {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(text), &b); err != nil {
		return template.HTML(template.HTMLEscapeString(text))
	}
	return template.HTML(b.String())
}

const answerMark = "**Answer:** "

// readSummary takes summary.md apart: the title, the answer, the table, the diagnosis,
// and notes that explain the table.
func (e *experiment) readSummary() (s sectionContent) {
	content, err := durable.ReadFile(e.path("summary.md"), maxText)
	if err != nil {
		return s
	}
	var notes, diagnosis []string
	of := &notes
	for _, block := range strings.Split(string(content), "\n\n") {
		block = strings.TrimSpace(block)
		switch {
		case strings.HasPrefix(block, "# "):
			s.Title = block[2:]
		case strings.HasPrefix(block, answerMark):
			s.Answer = strings.TrimPrefix(block, answerMark)
		case strings.HasPrefix(block, "|"):
			s.Table += render(block)
		case strings.HasPrefix(block, "!["):
		case block == "Diagnosis:":
			of = &diagnosis
		case of == &diagnosis && !strings.HasPrefix(block, "- "):
			of = &notes
			fallthrough
		default:
			*of = append(*of, block)
		}
	}
	s.Notes, s.Diagnosis = render(strings.Join(notes, "\n\n")), render(strings.Join(diagnosis, "\n\n"))
	return s
}

// best returns the group of finished runs with the highest mean val accuracy, or nil.
func best(all []*run) (group []*run) {
	groups := make(map[string][]*run)
	var order []string
	for _, r := range all {
		if r.Other {
			continue
		}
		if groups[r.Group] == nil {
			order = append(order, r.Group)
		}
		groups[r.Group] = append(groups[r.Group], r)
	}
	top := math.Inf(-1)
	for _, name := range order {
		var val []float64
		for _, r := range groups[name] {
			if r.row.Status == runs.StatusDone && r.row.ValAccuracy != nil && r.row.TestAccuracy != nil {
				val = append(val, *r.row.ValAccuracy)
			}
		}
		if mean := stats.Mean(val); len(val) == len(groups[name]) && mean > top {
			top, group = mean, groups[name]
		}
	}
	return group
}

// bestOnVal is the answer of an experiment whose summary gives none.
func bestOnVal(all []*run) string {
	group := best(all)
	if group == nil {
		return ""
	}
	var test []float64
	for _, r := range group {
		test = append(test, 100**r.row.TestAccuracy)
	}
	if len(test) == 1 {
		return fmt.Sprintf("Best on val: %s; test accuracy %.2f %% (one seed).", group[0].Group, test[0])
	}
	return fmt.Sprintf("Best on val: %s; test accuracy %.2f ± %.2f %% (%d seeds).", group[0].Group, stats.Mean(test), stats.SD(test), len(test))
}

// confusion is the confusion matrix of one variant on the test images.
type confusion struct {
	Variant string
	Open    bool
	Classes []string
	Rows    []confusionRow
}

type confusionRow struct {
	Actual string
	Cells  []confusionCell
}

type confusionCell struct {
	Count int
	Level int  // of the share of its row, 0 to 10; see level
	Right bool // predicted as it is
}

// level deepens with the cube root of a share, so that one in a thousand shows.
func level(count, total int) int {
	if count == 0 {
		return 0
	}
	return max(1, int(math.Round(10*math.Cbrt(float64(count)/float64(max(1, total))))))
}

// confusions reads confusion.csv; the matrix of the group that is best on val is open.
func (e *experiment) confusions(best []*run) (all []confusion) {
	content, err := durable.ReadFile(e.path("confusion.csv"), maxText)
	if err != nil {
		return nil
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil || len(rows) == 0 || !slices.Equal(rows[0], []string{"variant", "actual", "predicted", "count"}) {
		return nil
	}
	for _, cells := range rows[1:] {
		count, _ := strconv.Atoi(cells[3])
		if len(all) == 0 || all[len(all)-1].Variant != cells[0] {
			all = append(all, confusion{Variant: cells[0], Open: len(best) > 0 && best[0].Group == cells[0]})
		}
		c := &all[len(all)-1]
		if len(c.Rows) == 0 || c.Rows[len(c.Rows)-1].Actual != cells[1] {
			c.Rows = append(c.Rows, confusionRow{Actual: cells[1]})
			c.Classes = append(c.Classes, cells[1])
		}
		row := &c.Rows[len(c.Rows)-1]
		row.Cells = append(row.Cells, confusionCell{Count: count, Right: cells[1] == cells[2]})
	}
	for _, c := range all {
		for _, row := range c.Rows {
			total := 0
			for _, cell := range row.Cells {
				total += cell.Count
			}
			for i := range row.Cells {
				row.Cells[i].Level = level(row.Cells[i].Count, total)
			}
		}
	}
	if len(all) > 0 && !slices.ContainsFunc(all, func(c confusion) bool { return c.Open }) {
		all[0].Open = true
	}
	return all
}

type picture struct {
	Caption       string
	Data          template.URL
	Width, Height int // in pixels, so that the page keeps its room before it is drawn
}

// captions of pictures; one that is not here gets its name.
var captions = map[string]string{
	"mistakes":           "The test images that the network gets wrong with the highest confidence",
	"filters":            "The filters that the first convolution has learned",
	"feature-maps":       "The feature maps of each block for one test image",
	"reliability":        "Reliability: how often the network is right, against how confident it is",
	"gap":                "The gap between train and val accuracy",
	"accuracy-by-rate":   "The accuracy at each learning rate",
	"errors":             "The relative errors of the derived gradients",
	"loss":               "The loss over the steps",
	"difference-to-tied": "The difference to the network with tied weights",
}

// drawn are the pictures of what the page draws itself.
var drawn = []string{"accuracy-per-epoch", "training-loss", "error-per-iteration", "loss-per-iteration", "curves", "loss-curves", "confusion"}

// last are the pictures that look into the network; they come after the others.
var last = []string{"reliability", "mistakes", "filters", "feature-maps"}

// The largest picture and the largest other file that the page takes in, in bytes.
const (
	maxPicture = 1 << 20
	maxText    = 4 << 20
)

// pictures returns the pictures that summary.md names and whose content the page does not
// draw itself; of each, the smaller of the two forms.
func (e *experiment) pictures(hasRuns bool) (all []picture) {
	entries, _ := os.ReadDir(e.dir)
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".svg"); ok && !(hasRuns && slices.Contains(drawn, name)) {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(slices.Index(last, a), slices.Index(last, b)) })
	for _, name := range names {
		var smallest []byte
		media := ""
		for suffix, of := range map[string]string{".svg": "image/svg+xml", ".png": "image/png"} {
			if content, err := durable.ReadFile(e.path(name+suffix), maxPicture); err == nil && (smallest == nil || len(content) < len(smallest)) {
				smallest, media = content, of
			}
		}
		if len(smallest) > 0 {
			caption := cmp.Or(captions[name], strings.ReplaceAll(name, "-", " "))
			size := e.size(name + ".png")
			all = append(all, picture{caption, dataURL(media, smallest), size.X, size.Y})
		}
	}
	return all
}

// dataURL returns a picture as a URL. An SVG stays text, a quarter shorter than in base64.
func dataURL(media string, content []byte) template.URL {
	if media == "image/svg+xml" {
		return template.URL("data:image/svg+xml," + inURL.Replace(string(content)))
	}
	return template.URL("data:" + media + ";base64," + base64.StdEncoding.EncodeToString(content))
}

// inURL escapes what an SVG holds and neither a URL nor an attribute of HTML may.
var inURL = strings.NewReplacer("%", "%25", "#", "%23", "<", "%3C", ">", "%3E", `"`, "%22", "'", "%27", "+", "%2B", "&", "%26", "\n", "%0A", "\r", "%0D", "\t", "%09")

// size returns the width and height of a PNG; 0 if it cannot be read.
func (e *experiment) size(name string) image.Point {
	f, err := os.Open(e.path(name))
	if err != nil {
		return image.Point{}
	}
	defer f.Close()
	config, err := png.DecodeConfig(f)
	if err != nil {
		return image.Point{}
	}
	return image.Pt(config.Width, config.Height)
}

// hardware returns one line for each machine that the runs of the plan were trained on.
func hardware(all []*run) (lines []string) {
	for _, r := range all {
		m := r.record.Machine
		if r.Other || m.CPU == "" {
			continue
		}
		line := fmt.Sprintf("%s, %d cores, %s/%s, %s kernels, %s", m.CPU, m.Cores, m.OS, m.Arch, r.record.Arithmetic, r.record.Versions.Go)
		if revision := r.record.Versions.Revision; revision != "" {
			line += ", revision " + revision[:min(12, len(revision))]
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
