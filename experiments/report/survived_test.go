package report

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// tally is what the tests made of faults, for a table at their end.
var tally struct {
	mu    sync.Mutex
	table Table
}

// survived tells the table that a fault was made n times; a test that has failed
// has not survived it.
func survived(t *testing.T, fault string, n int) {
	tally.mu.Lock()
	defer tally.mu.Unlock()
	outcome := "all survived: 0 lost, 0 wrong"
	if t.Failed() {
		outcome = "FAILED"
	}
	tally.table.Rows = append(tally.table.Rows, []string{fault, fmt.Sprint(n), outcome})
}

// showSurvived prints the table under -v.
func showSurvived() {
	tally.table.Columns = []Column{{Name: "fault"}, {Name: "tried", Right: true}, {Name: "outcome"}}
	if testing.Verbose() && tally.table.Rows != nil {
		_ = tally.table.WriteText(os.Stdout, 0)
	}
}
