package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

func TestTheEstimateCountsTheParametersOfTheNetwork(t *testing.T) {
	for extra := range 3 {
		s := small(t, Options{Rates: []float64{0.01}}, func(c *Config) { c.Kernel, c.ExtraConvs = 5, extra })
		trainer, err := s.Build(s.plan[0].Config, s.set)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := parameters(s.plan[0].Config, s.set); got != int64(trainer.Network().Parameters()) {
			t.Errorf("%d parameters, the network has %d", got, trainer.Network().Parameters())
		}
	}
}

// TestTheEstimateIsNoMoreThanWhatWasMeasured in the resident memory of real trainings,
// without that of the program and its data set.
func TestTheEstimateIsNoMoreThanWhatWasMeasured(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01}})
	for _, c := range []struct {
		set func(c *Config)
		MiB int64
	}{
		{func(c *Config) { c.Batch = 4000 }, 394},
		{func(c *Config) { c.Batch, c.Channels = 1000, runs.Sizes{64, 128} }, 231},
		{func(c *Config) { c.Hidden = 16384 }, 1355},
		{func(c *Config) { c.Hidden, c.Solver = 16384, "adam" }, 2238},
	} {
		got := needs(Defaults(c.set), s.set).total() >> 20
		if got > c.MiB || got < c.MiB/2 {
			t.Errorf("%d MiB, measured %d, want half of it to all", got, c.MiB)
		}
	}
}

// TestWhatCannotFitIsRefusedBeforeItBegins with the figures, and what fits is not.
func TestWhatCannotFitIsRefusedBeforeItBegins(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01, 0.02, 0.03}}, func(c *Config) { c.Hidden = 16384 })
	one := needs(s.plan[0].Config, s.set).total()
	for _, c := range []struct {
		jobs  int
		limit int64
		want  string // in the error; "": none
	}{
		{1, 0, ""},
		{3, 4 * one, ""},
		{1, one * 3 / 2, ""},
		{8, one * 5 / 2, "3 runs at once would need at least 0.22 GiB, and there are 0.18 GiB; of the largest run, weights, gradients, solver and checkpoint take 0.06 GiB, its layers 0.01 GiB; the data set takes 0.00 GiB. Use -jobs 2"},
		{2, one / 2, "Use a smaller -batch, -channels or -hidden"},
	} {
		err := checkMemory(s.plan, c.jobs, s.set, c.limit)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d jobs, %d bytes: %v, want %q", c.jobs, c.limit, err, c.want)
		}
	}
}

func TestTheMemoryLimitIsTheLowestOfTheSystem(t *testing.T) {
	meminfo := "MemTotal:       1024 kB\nMemFree:  1 kB\nSwapTotal:  512 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"another system":   {nil, 0},
		"a machine":        {map[string]string{"proc/meminfo": meminfo}, 1536 << 10},
		"a limit":          {map[string]string{"proc/meminfo": meminfo, "proc/self/limits": "Limit  Soft Limit\nMax address space         4096      unlimited     bytes\n"}, 4096},
		"no limit":         {map[string]string{"proc/meminfo": meminfo, "proc/self/limits": "Max address space         unlimited      unlimited     bytes\n"}, 1536 << 10},
		"a group":          {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "5000\n"}, 5000},
		"an older group":   {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "9:cpu:/\n4:memory,x:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "6000\n"}, 6000},
		"a group unlisted": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/../c\n", "sys/fs/cgroup/memory.max": "7000\n"}, 7000},
	} {
		root := t.TempDir()
		for file, content := range c.files {
			path := filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if got := memoryLimit(root); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
}
