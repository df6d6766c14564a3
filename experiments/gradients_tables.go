package experiments

import (
	"fmt"

	"cnnlab/experiments/report"
)

// gradientsLine is what rows of one kind have in sum.
type gradientsLine struct {
	kind                 []string
	comparisons, entries int
	worst                gradientRow
}

// gradientsLines gathers the rows of each kind, in the order of their first.
func gradientsLines(rows []gradientRow, kind func(r gradientRow) []string) []*gradientsLine {
	var lines []*gradientsLine
	at := make(map[string]*gradientsLine)
	for _, r := range rows {
		key := fmt.Sprintf("%q", kind(r))
		l := at[key]
		if l == nil {
			l = &gradientsLine{kind: kind(r), worst: r}
			at[key] = l
			lines = append(lines, l)
		}
		l.comparisons++
		l.entries += r.Entries
		if !(r.Error <= l.worst.Error) {
			l.worst = r
		}
	}
	return lines
}

// gradientsTable has a line for each quantity, upstream and method.
func gradientsTable(rows []gradientRow) report.Table {
	t := report.Table{Columns: []report.Column{
		{Name: "quantity"}, {Name: "upstream"}, {Name: "method"}, {Name: "precision"}, {Name: "comparisons", Right: true},
		{Name: "entries", Right: true}, {Name: "largest relative error", Right: true}, {Name: "tolerance", Right: true}, {Name: "worst shape"},
	}}
	for _, l := range gradientsLines(rows, func(r gradientRow) []string { return []string{r.Quantity, r.Upstream, r.Method, r.Precision} }) {
		worst := l.worst.shape.String()
		if l.worst.Error == 0 {
			worst = "none: all equal"
		}
		t.Rows = append(t.Rows, append(l.kind, fmt.Sprint(l.comparisons), fmt.Sprint(l.entries),
			fmt.Sprintf("%.1e", l.worst.Error), fmt.Sprintf("%g", l.worst.Tolerance), worst))
	}
	return t
}

// gradientsBrief has a line for each method.
func gradientsBrief(rows []gradientRow) report.Table {
	t := report.Table{Columns: []report.Column{{Name: "method"}, {Name: "precision"}, {Name: "comparisons", Right: true},
		{Name: "relative error", Right: true}, {Name: "tolerance", Right: true}}}
	for _, l := range gradientsLines(rows, func(r gradientRow) []string { return []string{r.Method, r.Precision} }) {
		t.Rows = append(t.Rows, append(l.kind, fmt.Sprint(l.comparisons), fmt.Sprintf("%.1e", l.worst.Error), fmt.Sprintf("%g", l.worst.Tolerance)))
	}
	return t
}
