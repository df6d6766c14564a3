package table

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cnnlab/experiments/report/text"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sweepTable() Table {
	return Table{
		Columns: []Column{{"rate", true}, {"status", false}, {"test accuracy", true}},
		Rows:    [][]string{{"0.001", "done", "92.10 %"}, {"0.1", "done", "98.61 %"}, {"0.3", "diverged"}},
		Marked:  []int{1},
	}
}

func TestTableAsText(t *testing.T) {
	var b strings.Builder
	must(t, sweepTable().WriteText(&b, 80))
	want := `   rate  status    test accuracy
  0.001  done            92.10 %
*   0.1  done            98.61 %
    0.3  diverged
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestTableInShortSaysOnceWhatAllRowsShare(t *testing.T) {
	table := Table{
		Columns: []Column{{"rate", true}, {"data set", false}, {"runs", true}, {"empty", false}, {"test accuracy", true}, {"status", false}},
		Rows:    [][]string{{"0.1", "mnist", "3", "", "98.61 %", "done"}, {"0.3", "mnist", "3", "", "–", "1 of 3 diverged"}},
		Marked:  []int{0},
	}
	wide := `Common: data set mnist, runs 3

  rate  test accuracy  status
*  0.1        98.61 %  done
   0.3              –  1 of 3 diverged
`
	narrow := `Common: data set mnist,
runs 3

  rate  test accuracy
*  0.1        98.61 %
   0.3              –

  rate  status
*  0.1  done
   0.3  1 of 3 diverged
`
	single := `  rate  data set  runs  empty  test accuracy  status
*  0.1  mnist        3               98.61 %  done
`
	list := `Common:
data set mnist,
runs 3

* rate: 0.1
test accuracy: 98.61
%
status: done

rate: 0.3
test accuracy: –
status: 1 of 3
diverged
`
	alike := "a\n1\n1\n"
	for _, test := range []struct {
		table Table
		width int
		want  string
	}{
		{table, 80, wide},
		{table, 38, wide},
		{table, 20, list},
		{table, 28, narrow},
		{Table{Columns: table.Columns, Rows: table.Rows[:1], Marked: table.Marked}, 80, single},
		{Table{Columns: []Column{{Name: "a"}}, Rows: [][]string{{"1"}, {"1"}}}, 80, alike},
	} {
		var b strings.Builder
		must(t, test.table.WriteShort(&b, test.width))
		if diff := cmp.Diff(test.want, b.String()); diff != "" {
			t.Errorf("width %d: %s", test.width, diff)
		}
	}
}

// TestATableWithoutRowsShowsItsColumns, however narrow the terminal.
func TestATableWithoutRowsShowsItsColumns(t *testing.T) {
	table := sweepTable()
	table.Rows, table.Marked = nil, nil
	for width, want := range map[int]string{
		0: "rate  status  test accuracy\n", 27: "rate  status  test accuracy\n",
		26: "rate status test accuracy\n", 13: "rate status\ntest accuracy\n", 6: "rate\nstatus\ntest a\nccurac\ny\n",
	} {
		for how, write := range map[string]func(io.Writer, int) error{"text": table.WriteText, "short": table.WriteShort} {
			var b strings.Builder
			must(t, write(&b, width))
			if b.String() != want {
				t.Errorf("%s, %d columns: %q, want %q", how, width, b.String(), want)
			}
		}
	}
	if line, rest := table.Common(); line != nil || len(rest.Columns) != 3 {
		t.Errorf("in common %q, %d columns left, want nothing and all", line, len(rest.Columns))
	}
	var b strings.Builder
	must(t, table.WriteMarkdown(&b))
	must(t, Table{}.WriteShort(&b, 5))
	if want := "| rate | status | test accuracy |\n|---:|---|---:|\n\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

func TestATableFitsItsWidth(t *testing.T) {
	for width, want := range map[int]bool{0: true, 32: true, 31: false, 1: false} { // 2 + 5 + 2 + 8 + 2 + 13
		if got := sweepTable().Fits(width); got != want {
			t.Errorf("%d columns: fits %t, want %t", width, got, want)
		}
	}
}

func TestNarrowTableDropsNothing(t *testing.T) {
	for width := 1; width <= 40; width++ {
		var b strings.Builder
		must(t, sweepTable().WriteText(&b, width))
		for line := range strings.Lines(b.String()) {
			if n := text.Width(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("width %d: a line of %d: %q", width, n, line)
			}
		}
		squeezed := strings.NewReplacer("\n", "", " ", "").Replace(b.String())
		for _, cell := range []string{"0.001", "98.61%", "diverged", "*"} {
			if !strings.Contains(squeezed, cell) {
				t.Errorf("width %d: %q is not there: %q", width, cell, b.String())
			}
		}
	}
}

func TestTableTextHasNoControlBytes(t *testing.T) {
	table := Table{Columns: []Column{{Name: "na\x1bme"}}, Rows: [][]string{{"a\nb\x1b[31m\u202e\xff"}, {}, {"c", "beyond"}}}
	var b strings.Builder
	must(t, table.WriteText(&b, 0))
	if got := strings.Count(b.String(), "\n"); got != 4 {
		t.Errorf("%d lines, want 4: %q", got, b.String())
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") || !utf8.ValidString(b.String()) {
		t.Errorf("control characters got through: %q", b.String())
	}
}

func TestTableAsMarkdown(t *testing.T) {
	table := sweepTable()
	table.Rows = append(table.Rows, []string{"a|b", "<script>alert(1)</script>\n", "`x` *y* [z](u) \\"})
	var b strings.Builder
	must(t, table.WriteMarkdown(&b))
	want := `| rate | status | test accuracy |
|---:|---|---:|
| 0.001 | done | 92.10 % |
| **0.1** | **done** | **98.61 %** |
| 0.3 | diverged |  |
| a\|b | &lt;script&gt;alert(1)&lt;/script&gt; | ` + "\\`x\\` \\*y\\* \\[z\\](u) \\\\ |\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestFoldedTableRepeatsItsFirstColumns(t *testing.T) {
	table := sweepTable()
	for _, test := range []struct {
		width int
		want  string
	}{
		{0, "rate status test accuracy"},
		{32, "rate status test accuracy"}, // 2 + 5 + 2 + 8 + 2 + 13
		{31, "rate status|rate test accuracy"},
		{22, "rate status|rate test accuracy"},
		{5, "rate status|rate test accuracy"},
	} {
		var names []string
		for _, part := range table.fold(test.width) {
			var columns []string
			for i, column := range part.Columns {
				columns = append(columns, column.Name)
				if part.cell(1, i) != table.cell(1, map[string]int{"rate": 0, "status": 1, "test accuracy": 2}[column.Name]) {
					t.Errorf("width %d: cells %q are not those of the column", test.width, part.Rows[1])
				}
			}
			names = append(names, strings.Join(columns, " "))
		}
		if got := strings.Join(names, "|"); got != test.want {
			t.Errorf("width %d: %s, want %s", test.width, got, test.want)
		}
	}
	if got := (Table{}).fold(10); len(got) != 1 {
		t.Errorf("%d tables of none, want 1", len(got))
	}
}

// TestWideAndCombiningCharactersStayAligned: 数 takes two columns, the accent none.
func TestWideAndCombiningCharactersStayAligned(t *testing.T) {
	table := Table{Columns: []Column{{Name: "class"}, {Name: "n", Right: true}},
		Rows: [][]string{{"数字", "1"}, {"e\u0301te\u0301", "10"}, {"plain", "100"}}}
	var b strings.Builder
	must(t, table.WriteText(&b, 80))
	if diff := cmp.Diff("class    n\n数字     1\ne\u0301te\u0301     10\nplain  100\n", b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	must(t, table.WriteText(&b, 7)) // each line is cut before it is too wide
	for line := range strings.Lines(b.String()) {
		if n := text.Width(strings.TrimSuffix(line, "\n")); n > 7 {
			t.Errorf("a line of %d columns: %q", n, line)
		}
	}
}
