package suite

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report/text"
)

// need is the memory, in bytes, that one training takes at least.
type need struct{ weights, activations int64 }

func (n need) total() int64 { return n.weights + n.activations }

// parameters returns the number of parameters of the CNN that c describes, and the number
// of values in its layers for one image.
func parameters(c Config, set *data.Dataset) (parameters, values int64) {
	in, height, width := int64(set.Channels), set.Height, set.Width
	values = in * int64(height*width)
	for _, maps := range c.Channels {
		for i := range 1 + c.ExtraConvs {
			if i > 0 { // the last is pooled at once
				values += in * int64(height*width)
			}
			parameters += (in*int64(c.Kernel*c.Kernel) + 1) * int64(maps)
			in = int64(maps)
		}
		height, width = height/2, width/2
		values += in * int64(height*width)
	}
	for _, units := range []int{c.Hidden, len(set.Classes)} {
		flat := in * int64(height*width)
		parameters += (flat + 1) * int64(units)
		in, height, width = int64(units), 1, 1
		values += in
	}
	return parameters, values
}

// needs estimates what a training with c takes. It counts only what every training has:
// weights, gradients, what the solver remembers and a checkpoint of them; the input, the
// layers after pooling and their gradients for a batch, and the layers of the evaluator.
func needs(c Config, set *data.Dataset) need {
	parameters, values := parameters(c, set)
	kept := int64(1) // in a checkpoint, of the size of the weights
	switch {
	case c.Solver == "adam":
		kept += 2
	case c.Momentum > 0:
		kept++
	}
	if c.EMA > 0 {
		kept++
	}
	const float = 4
	return need{float * parameters * (2*kept + 1), float * values * int64(2*c.Batch+evalBatch)}
}

// checkMemory returns an error if the runs that are trained at once need clearly more
// memory than there is. The limit is 0 if it is unknown.
func checkMemory(runs []run, jobs int, set *data.Dataset, limit int64) error {
	var all []need
	for _, r := range runs {
		all = append(all, needs(r.Config, set))
	}
	slices.SortFunc(all, func(a, b need) int { return cmp.Compare(b.total(), a.total()) })
	pixels := int64(len(set.Train.Pixels) + len(set.Val.Pixels) + len(set.Test.Pixels))
	sum, fit := pixels, 0
	for _, n := range all[:min(jobs, len(all))] {
		if sum += n.total(); sum <= limit {
			fit++
		}
	}
	if limit == 0 || sum <= limit {
		return nil
	}
	advice := "a smaller -batch, -channels or -hidden"
	if fit > 0 {
		advice = fmt.Sprintf("-jobs %d", fit)
	}
	largest := all[0]
	return errors.Errorf("too little memory: %s at once would need at least %s, and there are %s; "+
		"of the largest run, weights, gradients, solver and checkpoint take %s, its layers %s; the data set takes %s. Use %s",
		text.Count(min(jobs, len(all)), "run"), gibibytes(sum), gibibytes(limit),
		gibibytes(largest.weights), gibibytes(largest.activations), gibibytes(pixels), advice)
}

func gibibytes(n int64) string { return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30)) }

// memoryLimit returns the memory, in bytes, that this process can have at most: that of the
// machine with its swap, of its control groups, and of its resource limit. The system's
// files are below root. It returns 0 if the system does not tell.
func memoryLimit(root string) int64 {
	limit := int64(math.MaxInt64)
	lower := func(to int64) {
		if to > 0 {
			limit = min(limit, to)
		}
	}
	meminfo := filepath.Join(root, "proc/meminfo")
	if total := field(meminfo, "MemTotal:"); total > 0 {
		lower((total + field(meminfo, "SwapTotal:")) << 10) // in KiB
	}
	lower(field(filepath.Join(root, "proc/self/limits"), "Max address space"))
	groups, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // number, controllers, path
		if len(parts) < 3 {
			continue
		}
		dir, name := "sys/fs/cgroup", "memory.max"
		if parts[1] != "" {
			dir, name = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		if parts[1] != "" && !slices.Contains(strings.Split(parts[1], ","), "memory") {
			continue
		}
		for path := filepath.Join("/", parts[2]); ; path = filepath.Dir(path) { // a group and those above it
			lower(field(filepath.Join(root, dir, path, name), ""))
			if path == filepath.Dir(path) {
				break
			}
		}
	}
	if limit == math.MaxInt64 {
		return 0
	}
	return limit
}

// field returns the first number after a name at the start of a line; 0 if there is none,
// as where the file says that there is no limit.
func field(path, name string) int64 {
	content, _ := os.ReadFile(path)
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name); ok {
			number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			n, _ := strconv.ParseInt(number, 10, 64)
			return n
		}
	}
	return 0
}
