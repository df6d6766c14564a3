package suite

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

// TestMemoryIsFlat trains 10,000 steps, with all that allocates: batches made
// ahead, dropout, rows, scoring. The bounds allow for what the runtime takes once;
// 32 bytes that each step left behind are beyond them.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 steps take seconds")
	}
	const warm, steps = 1_000, 10_000
	s := small(t, Options{Rates: []float64{0.01}}, func(c *Config) {
		c.Augment, c.Dropout, c.Epochs = true, 0.3, steps/12+1 // 360 images in batches of 30
	})
	tr := begin(t, s)
	var before, after memory
	for epoch := 1; tr.step < steps; epoch++ {
		if err := tr.trainEpoch(t.Context(), epoch); err != nil {
			t.Fatal(err)
		}
		if epoch%10 == 0 {
			if err := tr.scoreEpoch(epoch); err != nil {
				t.Fatal(err)
			}
		}
		if before.heap == 0 && tr.step >= warm { // measured twice, for measuring takes some
			_, before = inUse(t), inUse(t)
		}
	}
	after = inUse(t)
	t.Logf("step %d: %d bytes of heap, %d resident; step %d: %d, %d",
		warm, before.heap, before.resident, tr.step, after.heap, after.resident)
	if grown := after.heap - before.heap; grown > 256<<10 {
		t.Errorf("the heap grew by %d bytes in %d steps, want no more than 256 KiB", grown, tr.step-warm)
	}
	if grown := after.resident - before.resident; grown > 4<<20 {
		t.Errorf("the resident memory grew by %d bytes in %d steps, want no more than 4 MiB", grown, tr.step-warm)
	}
}

// begin is the first run of s, set up to be trained.
func begin(t *testing.T, s *study) *session {
	t.Helper()
	s.progress = newProgress(io.Discard, true, 1, scoring{})
	r := s.plan[0]
	dir, err := runs.Open(s.dir, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	if err := dir.Begin(s.record(r)); err != nil {
		t.Fatal(err)
	}
	tr := &session{run: r, set: s.set, dir: dir, line: s.progress.line(r)}
	if tr.trainer, err = s.Build(r.Config, s.set); err != nil {
		t.Fatal(err)
	}
	if tr.evaluator, err = tr.trainer.NewEvaluator(evalBatch); err != nil {
		t.Fatal(err)
	}
	return tr
}

// memory is what a process uses, in bytes.
type memory struct{ heap, resident int64 }

// inUse is the memory in use once the garbage is given back; resident is 0 where
// the system has no /proc/self/status.
func inUse(t *testing.T) (m memory) {
	t.Helper()
	debug.FreeOSMemory()
	debug.FreeOSMemory() // also what finalizers let go of
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m.heap = int64(stats.HeapAlloc)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return m
	}
	_, line, _ := strings.Cut(string(status), "VmRSS:")
	var kB int64
	if _, err := fmt.Sscanf(line, "%d kB", &kB); err != nil {
		t.Fatalf("%v: no VmRSS in\n%s", err, status)
	}
	m.resident = kB << 10
	return m
}
