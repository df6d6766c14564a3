package experiments

import (
	"fmt"

	"cnnlab/experiments/report"
)

// confusion writes which classes each group takes for which (confusion.csv) and
// how well it knows each class (classes.csv), over all its seeds, and draws the
// matrix of the group that is best on val. A group that is not done has neither.
func (o *Outcome) confusion(groups []*group) error {
	var cells []report.ConfusionRow
	var classes []report.ClassRow
	var best *group
	var drawn report.Confusion
	for _, g := range groups {
		if !g.done() {
			continue
		}
		c, err := o.confused(g)
		if err != nil {
			return err
		}
		cells, classes = append(cells, c.Rows(g.Name)...), append(classes, c.ClassRows(g.Name)...)
		if best == nil || report.Mean(g.Val) > report.Mean(best.Val) {
			best, drawn = g, c
		}
	}
	if err := writeRows(o, "confusion.csv", cells); err != nil {
		return err
	}
	if err := writeRows(o, "classes.csv", classes); err != nil {
		return err
	}
	if best != nil && len(groups) > 1 {
		o.confusing = fmt.Sprintf("The confusion is that of %s, the best on val.", best.Name)
	}
	title := fmt.Sprintf("Confusion on the %s test set: no run is done", o.Set.Name)
	if best != nil {
		title = fmt.Sprintf("Confusion on the %s test set: %s, %s", o.Set.Name, best.Name, count(len(best.Runs), "seed"))
	}
	return o.draw("confusion", func(path string) error { return report.PlotConfusion(path, title, drawn) })
}

// confused adds up the confusions of the group's runs.
func (o *Outcome) confused(g *group) (report.Confusion, error) {
	sum := report.Confusion{Classes: o.Set.Classes}
	for _, row := range g.Runs {
		predictions, err := o.predictions(row.Run)
		if err != nil {
			return sum, err
		}
		c, err := report.NewConfusion(o.Set.Classes, predictions)
		if err != nil {
			return sum, err
		}
		if err := sum.Add(c); err != nil {
			return sum, err
		}
	}
	return sum, nil
}
