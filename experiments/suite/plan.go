package suite

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"strings"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/text"
)

type run struct {
	ID      string
	Label   string // what precedes the rate in the id
	Variant string // what is compared
	Config  Config
}

// configs returns the configurations to train on a data set with that many training
// images: every requested variant, at every rate, with every seed. Of variants that are
// equal with these flags, only the first is trained; the rest are in equal.
func (t Training) configs(o Options, dataset string, images int, rates []float64) (planned []Variant, equal equals, err error) {
	var names []string
	for _, lr := range rates {
		c := o.Config(t.Defaults)
		c.Dataset, c.TrainImages, c.LR = dataset, images, lr
		var distinct []Variant
		for _, v := range t.Variants(c) {
			if i := slices.IndexFunc(distinct, func(d Variant) bool { return reflect.DeepEqual(d.Config, v.Config) }); i >= 0 {
				equal.add(v.Label, distinct[i].Label)
				continue
			}
			distinct = append(distinct, v)
		}
		for _, v := range distinct {
			if !slices.Contains(names, v.Label) {
				names = append(names, v.Label)
			}
			if o.Variants != nil && !slices.Contains(o.Variants, v.Label) {
				continue
			}
			for range o.Seeds {
				planned = append(planned, v)
				v.Config.Seed++
			}
		}
	}
	for _, name := range o.Variants {
		switch to := equal.to(name); {
		case names[0] == "":
			return nil, nil, Usagef("-variant %s: %s compares learning rates; choose among them with -lr", name, t.Name)
		case to != "":
			return nil, nil, Usagef("-variant %s: with these flags, %s equals %s; use -variant %s", name, name, to, to)
		case !slices.Contains(names, name):
			return nil, nil, Usagef("-variant %s: no such variant; with these flags %s has %s", name, t.Name, strings.Join(names, ", "))
		}
	}
	return planned, equal, nil
}

// equals are pairs of variants that are equal with the flags of a command: one that is
// left out, and the one that is trained.
type equals [][2]string

func (e *equals) add(left, trained string) {
	if pair := [2]string{left, trained}; !slices.Contains(*e, pair) {
		*e = append(*e, pair)
	}
}

// to returns the variant that the named one equals, or "".
func (e equals) to(name string) string {
	for _, pair := range e {
		if pair[0] == name {
			return pair[1]
		}
	}
	return ""
}

// text says which variants are left out.
func (e equals) text() string {
	var pairs, left []string
	for _, pair := range e {
		pairs, left = append(pairs, pair[0]+" equals "+pair[1]), append(left, pair[0])
	}
	return fmt.Sprintf("with these flags, %s; not trained: %s", text.List(pairs), text.List(left))
}

// Plan returns the configurations of the runs that a command plans, in order. If neither
// the command nor the experiment sets a learning rate, it is kept.
func (t Training) Plan(o Options, kept float64) ([]Config, error) {
	rates := o.Rates
	if rates == nil {
		rates = t.Rates
	}
	if rates == nil {
		rates = []float64{kept}
	}
	planned, _, err := t.configs(o, t.dataset(o), o.images(t.dataset(o)), rates)
	var all []Config
	for _, v := range planned {
		all = append(all, v.Config)
	}
	return all, err
}

func (t Training) dataset(o Options) string { return cmp.Or(o.Dataset, t.Dataset) }

// images returns the number of training images of a data set, within the limit.
func (o Options) images(dataset string) int {
	n := data.TrainImages(dataset)
	if o.Limit > 0 {
		return min(n, o.Limit)
	}
	return n
}

// check returns the usage errors that can be found before any data are read.
func (t Training) check(o Options) error {
	plan, err := t.Plan(o, defaultRate)
	if err != nil {
		return err
	}
	c := o.Config(t.Defaults)
	switch images := o.images(t.dataset(o)); {
	case c.TTA && !data.Flips(t.dataset(o)):
		return Usagef("-tta also scores mirror images, but a mirrored image of %s may belong to another class; use it with a set such as cifar-10", t.dataset(o))
	case c.TTA && !slices.ContainsFunc(plan, func(c Config) bool { return c.TTA }):
		return Usagef("-tta: none of the variants %s scores mirror images; add mirrored to -variant", strings.Join(o.Variants, ", "))
	case o.Trial >= len(plan):
		return Usagef("-trial %d: the plan has %s, counted from 0", o.Trial, text.Count(len(plan), "run"))
	case c.Batch > images:
		return Usagef("-batch %d is more than the %d training images; want 1 to %d", c.Batch, images, images)
	case c.Seed+uint64(o.Seeds-1) < c.Seed:
		return Usagef("-seed %d -seeds %d: the last seed would exceed %d", c.Seed, o.Seeds, uint64(math.MaxUint64))
	}
	if height, width := data.Size(t.dataset(o)); height > 0 {
		if err := t.checkPooling(o, height, width); err != nil {
			return err
		}
	}
	return t.checkIgnored(o, plan)
}

// checkIgnored returns an error if a hyper-parameter is given that no run of the plan uses.
func (t Training) checkIgnored(o Options, plan []Config) error {
	if _, ok := o.Given["momentum"]; ok && !slices.ContainsFunc(plan, func(c Config) bool { return c.Solver == "sgd" }) {
		return Usagef("-momentum has no effect with -solver %s; leave it out, or use -solver sgd", plan[0].Solver)
	}
	given := o.Config(t.Defaults)
	for _, p := range params {
		s, ok := o.Given[p.name]
		uses := func(c Config) bool { return reflect.DeepEqual(p.field(&c), p.field(&given)) }
		if ok && !slices.ContainsFunc(plan, uses) {
			of := "what " + t.Name + " trains"
			if o.Variants != nil {
				of = "-variant " + strings.Join(o.Variants, ",")
			}
			return Usagef("-%s=%s has no effect: %s sets it to %v; leave one of the two out", p.name, s, of, reflect.ValueOf(p.field(&plan[0])).Elem())
		}
	}
	return nil
}

// checkPooling returns an error if images of that size are too small for the blocks.
func (t Training) checkPooling(o Options, height, width int) error {
	side := min(height, width)
	if blocks := len(o.Config(t.Defaults).Channels); side>>blocks == 0 {
		return Usagef("-channels has %d blocks, each of which halves the image; at most %d fit %d×%d pixels",
			blocks, bits.Len(uint(side))-1, height, width)
	}
	return nil
}

// directory returns the name of the directory for the results on a data set.
func (t Training) directory(dataset string) string {
	if dataset == t.Dataset {
		return t.Name
	}
	return t.Name + "-" + dataset
}

// settingsHash returns the SHA-256, in hexadecimal, of the data set's hash and every
// hyper-parameter that differs from its default, as JSON.
func settingsHash(c Config, set *data.Dataset) string {
	settings := map[string]any{"dataset_sha256": set.SHA256}
	v, d := reflect.ValueOf(c), reflect.ValueOf(defaults)
	for i := range v.NumField() {
		if value := v.Field(i).Interface(); !reflect.DeepEqual(value, d.Field(i).Interface()) {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			settings[name] = value
		}
	}
	if c.Schedule == "one-cycle" { // runs of its first form, whose top no step reached, are other runs
		settings["schedule"] = "one-cycle as in PyTorch"
	}
	content, err := json.Marshal(settings) // sorted by name
	if err != nil {
		panic(err) // the values come from the command line, which lets no NaN pass
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

// runID returns [<label>-]lr<rate>-s<seed>-<first 8 digits of the settings' hash>.
func runID(label string, c Config, set *data.Dataset) string {
	if label != "" {
		label += "-"
	}
	return fmt.Sprintf("%slr%s-s%d-%s", label, runs.FormatRate(c.LR), c.Seed, settingsHash(c, set)[:8])
}

// name is the run's id without the hash.
func (r run) name() string { return r.ID[:strings.LastIndexByte(r.ID, '-')] }

func (r run) steps() int { return r.Config.Epochs * r.stepsPerEpoch() }

// stepsPerEpoch includes the last, smaller batch.
func (r run) stepsPerEpoch() int { return (r.Config.TrainImages + r.Config.Batch - 1) / r.Config.Batch }

func (r run) imagesAfter(steps int) int {
	per := r.stepsPerEpoch()
	return steps/per*r.Config.TrainImages + steps%per*r.Config.Batch
}

func (r run) rate(step int) float64 {
	return schedules[r.Config.Schedule](r.Config.LR, step, r.steps())
}
