package experiments

import (
	"flag"
	"slices"
	"strings"

	"cnnlab/experiments/report"
)

// CheckFlags refuses flags, of those that the command line gives, that mean
// nothing to the experiment.
func (e Experiment) CheckFlags(given []string) error {
	switch {
	case e.Flags != nil:
		return onlyFlags("-exp "+e.Name, given, append([]string{"exp", "out", "quiet"}, e.Flags...))
	case e.Name == everything.Name && slices.Contains(given, "trial"):
		return usagef("-trial is for one experiment, not for all")
	case slices.Contains(given, "variant") && e.Variants == nil:
		return usagef("-variant is for an experiment that compares variants, not for %s", e.Name)
	}
	for _, name := range []string{"sort", "format"} {
		if slices.Contains(given, name) {
			return usagef("-%s is for -compare, not for -exp %s", name, e.Name)
		}
	}
	return nil
}

// CheckFlags refuses flags that mean nothing to a comparison, and a column to sort
// by that there is not.
func (c Comparison) CheckFlags(given []string) error {
	if err := report.CheckSort(c.Sort); err != nil {
		return usagef("%v", err)
	}
	return onlyFlags("-compare", given, []string{"compare", "sort", "format"})
}

// onlyFlags refuses flags that a command does not take.
func onlyFlags(command string, given, taken []string) error {
	for _, name := range given {
		if !slices.Contains(taken, name) {
			return usagef("-%s means nothing to %s, which takes -%s", name, command, strings.Join(taken, ", -"))
		}
	}
	return nil
}

// LikeFlag is what to add to the error of a flag that there is not.
func LikeFlag(err error, fs *flag.FlagSet) string {
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	switch near := report.Nearest(name, names); {
	case !ok:
	case name == "resume" || name == "continue":
		return "; the same command continues what is unfinished"
	case near != "":
		return "; did you mean -" + near + "?"
	}
	return ""
}
