package suite

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"cnnlab/data/durable/durabletest"
	"cnnlab/experiments/report/runs"
)

// childVariable makes the test binary a process of its own that does what the
// JSON of a childJob in it says.
const childVariable = "SUITE_TEST_CHILD"

// childJob is the training that a child does: of the whole plan, or of one trial
// of it.
type childJob struct {
	Out   string
	Rates []float64
	Seeds int
	Trial int // negative: the whole plan, and its report
	Every int // steps between checkpoints
	Tell  bool
	// Epochs is the number of epochs; 0: as usual.
	Epochs int
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		if err := child(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	durabletest.Main(m)
}

func (j childJob) study() *study {
	return smallAt(Options{Out: j.Out, Rates: j.Rates, Seeds: j.Seeds, CheckpointEvery: j.Every}, func(c *Config) { c.Epochs = cmp.Or(j.Epochs, c.Epochs) })
}

func child(text string) error {
	var j childJob
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	s := j.study()
	s.stderr, s.opts.Quiet = os.Stderr, !j.Tell
	runs := s.plan
	if j.Trial >= 0 {
		runs = runs[j.Trial : j.Trial+1]
	}
	if _, err := s.train(context.Background(), runs); err != nil || j.Trial >= 0 {
		return err
	}
	_, err := s.report(context.Background(), os.Stdout)
	return err
}

// start starts a child on so many cores.
func (j childJob) start(t *testing.T, procs int) (command *exec.Cmd, said *strings.Builder) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	said = new(strings.Builder)
	command = exec.Command(program)
	command.Env = append(os.Environ(), childVariable+"="+string(text), fmt.Sprint("GOMAXPROCS=", procs))
	command.Stderr = said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return command, said
}

// long reports whether the long form of the loops is asked for.
func long() bool { return os.Getenv("CNNLAB_LONG") != "" }

// TestKilledRunsContinueToTheSameBits kills a training by SIGKILL at random
// moments of its life and starts it again, until it comes to its end. The long
// form kills 100 times on one core and 100 times on two:
//
//	CNNLAB_LONG=1 go test -run Kill -v ./experiments/suite
func TestKilledRunsContinueToTheSameBits(t *testing.T) {
	kills := 10
	switch {
	case long():
		kills = 100
	case testing.Short():
		t.Skip("kills processes for seconds")
	}
	for _, procs := range []int{1, 2} {
		job := childJob{Out: t.TempDir(), Rates: []float64{0.02}, Trial: -1, Every: 1}
		began := time.Now()
		command, said := job.start(t, procs)
		if err := command.Wait(); err != nil {
			t.Fatal(err, said)
		}
		whole := time.Since(began)
		want := job.study().files(t)

		random := rand.New(rand.NewPCG(1, uint64(procs)))
		killed, ends := 0, 0
		for killed < kills {
			job.Out = t.TempDir()
			// What a start has done is not lost, so the later its end the sooner the
			// run is over: many starts that are short make many kills.
			for share := 0.0; ; share += 0.02 {
				command, said := job.start(t, procs)
				kill := time.AfterFunc(time.Duration(random.Float64()*(0.5+share)*float64(whole)), func() { _ = command.Process.Kill() })
				err := command.Wait()
				kill.Stop()
				if err == nil {
					break
				}
				if said.Len() > 0 { // an error of its own, or a checkpoint that it could not use
					t.Fatalf("after %d kills: %v: %s", killed, err, said)
				}
				killed++
			}
			ends++
			wantFiles(t, fmt.Sprintf("GOMAXPROCS=%d, %d kills", procs, killed), want, job.study().files(t))
		}
		durabletest.Survived(t, fmt.Sprintf("kill -9 at random moments, GOMAXPROCS=%d, %d runs to their end", procs, ends), killed)
	}
}

// TestManyProcessesTrainEachRunOnce starts 16 processes at once on one results
// directory, all with the same plan of 4 runs or each with a trial of it.
func TestManyProcessesTrainEachRunOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("starts 40 processes")
	}
	job := childJob{Out: t.TempDir(), Rates: []float64{0.01, 0.05}, Seeds: 2, Trial: -1}
	want := job.study().finish(t)
	for name, trial := range map[string]func(i int) int{
		"the same command": func(int) int { return -1 },
		"-trial":           func(i int) int { return i % 4 },
	} {
		job.Out = t.TempDir()
		if err := os.MkdirAll(job.study().dir, 0o777); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var said [16]*strings.Builder
		for i := range said {
			own := job
			own.Trial, own.Tell = trial(i), true
			var command *exec.Cmd
			command, said[i] = own.start(t, 1)
			group.Go(func() {
				if err := command.Wait(); err != nil {
					t.Errorf("%s, process %d: %v\n%s", name, i, err, said[i])
				}
			})
		}
		group.Wait()
		for _, r := range job.study().plan {
			end, trained := regexp.MustCompile(regexp.QuoteMeta(r.name())+`  step 24/24 .*  done\n`), 0
			for _, text := range said {
				trained += len(end.FindAllString(text.String(), -1))
			}
			if trained != 1 {
				t.Errorf("%s: %s was trained %d times", name, r.ID, trained)
			}
		}
		wantFiles(t, name, want, job.study().finish(t))
		rows, err := runs.ReadRuns(filepath.Join(job.Out, "runs.csv"))
		if err != nil || len(rows) != 4 {
			t.Errorf("%s: %d runs in runs.csv, want 4; %v", name, len(rows), err)
		}
		durabletest.Survived(t, "processes at once on one results directory, "+name, len(said))
	}
}
