package experiments

import (
	"fmt"

	"cnnlab/experiments/report"
)

// confusion writes which classes each group takes for which (confusion.csv) and
// how well it knows each class (classes.csv), over all its seeds, and draws the
// matrix of the group that is best on val.
func (o *Outcome) confusion(groups []*group) error {
	var cells []report.ConfusionRow
	var classes []report.ClassRow
	var best *group
	var drawn report.Confusion
	for _, g := range groups {
		c, err := o.confused(g)
		if err != nil {
			return err
		}
		if len(g.Val) == 0 {
			continue
		}
		cells, classes = append(cells, c.Rows(g.Name)...), append(classes, c.ClassRows(g.Name)...)
		if best == nil || report.Mean(g.Val) > report.Mean(best.Val) {
			best, drawn = g, c
		}
	}
	if err := o.wrote(report.WriteConfusions(o.path("confusion.csv"), cells), "confusion.csv"); err != nil {
		return err
	}
	if err := o.wrote(report.WriteClasses(o.path("classes.csv"), classes), "classes.csv"); err != nil {
		return err
	}
	title := fmt.Sprintf("Test images of %s: no run is done", o.Set.Name)
	if best != nil {
		title = fmt.Sprintf("Test images of %s by %s", o.Set.Name, best.Name)
	}
	return o.wrote(report.PlotConfusion(o.path("confusion"), title, drawn), "confusion.png", "confusion.svg")
}

// confused adds up the confusions of the group's runs.
func (o *Outcome) confused(g *group) (report.Confusion, error) {
	sum := report.Confusion{Classes: o.Set.Classes}
	for _, row := range g.Runs {
		if row.Status != report.StatusDone {
			continue
		}
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
