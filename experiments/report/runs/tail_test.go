package runs

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pkg/errors"
)

// TestATailGivesEveryRowOnce follows a file that grows byte by byte, is cut back, and is
// started over with other columns.
func TestATailGivesEveryRowOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "steps.csv")
	tail := Tail[StepRow]{Path: path}
	if _, _, err := tail.Next(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no file: %v", err)
	}
	const file = "run,step,epoch,lr,train_loss,train_error\na,1,1,0.1,2.5,0.9\na,2,1,0.1,2.25,0.5\na,3,1,0.1,NaN,1\n"
	next := func(what string, wantAgain bool, want ...int) {
		t.Helper()
		rows, again, err := tail.Next()
		var got []int
		for _, row := range rows {
			got = append(got, row.Step)
		}
		if err != nil || again != wantAgain || !slices.Equal(got, want) {
			t.Fatalf("%s: steps %v, again %v, %v; want %v, %v", what, got, again, err, want, wantAgain)
		}
	}
	put := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var got []int
	for n := range len(file) + 1 {
		put(file[:n])
		rows, again, err := tail.Next()
		if err != nil || again {
			t.Fatalf("%d bytes: %v, again %v", n, err, again)
		}
		for _, row := range rows {
			got = append(got, row.Step)
		}
	}
	if !slices.Equal(got, []int{1, 2, 3}) {
		t.Fatalf("byte by byte: steps %v", got)
	}
	next("no change", false)
	put(file[:60])
	next("cut back", true, 1)
	put("step,run,epoch,lr,train_loss,train_error,later\n")
	next("started over", true)
	put("step,run,epoch,lr,train_loss,train_error,later\n7,a,1,0.1,2.5,0.9,x\n")
	next("with other columns", false, 7)
	put("step,run,epoch,lr,train_loss,train_error,later\n7,a,1,0.1,2.5,0.9,x\nseven,a\n")
	if _, _, err := tail.Next(); err == nil {
		t.Error("a row that is none is no error")
	}
}
