package text

import (
	"bytes"
	"strings"
	"testing"
)

func TestLineLetsNothingCommandATerminal(t *testing.T) {
	if got := Line("a\nb\x1b[31m\u202e\xff\tc"); strings.ContainsAny(got, "\n\x1b\u202e\t") || !strings.HasPrefix(got, "a b\uFFFD[31m") {
		t.Errorf("%q", got)
	}
}

func TestSplitCutsByColumns(t *testing.T) {
	for _, c := range []struct {
		s          string
		width      int
		head, tail string
	}{
		{"plain", 9, "plain", ""}, {"plain", 3, "pla", "in"}, {"数字", 3, "数", "字"}, {"数字", 1, "数", "字"}, {"e\u0301e", 1, "e\u0301", "e"}, {"", 3, "", ""},
	} {
		if head, tail := Split(c.s, c.width); head != c.head || tail != c.tail {
			t.Errorf("%q at %d: %q and %q, want %q and %q", c.s, c.width, head, tail, c.head, c.tail)
		}
	}
}

func TestCountsAreSingularForOne(t *testing.T) {
	for n, want := range []string{"0 seeds", "1 seed", "2 seeds"} {
		if got := Count(n, "seed"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNearestFindsWhatWasMeant(t *testing.T) {
	names := []string{"lr-sweep", "baseline", "regularized"}
	for name, want := range map[string]string{"lr-swep": "lr-sweep", "LR-SWEEP": "lr-sweep", "lr": "lr-sweep", "xyzzyxyzzy": "", "": ""} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestOnlyATerminalHasColumns(t *testing.T) {
	if n := Columns(new(bytes.Buffer)); n != 0 {
		t.Errorf("a buffer of %d columns", n)
	}
}

func TestADumbTerminalGetsPlainLines(t *testing.T) {
	for _, c := range []struct {
		environment, system string
		want                bool
	}{
		{"TERM=xterm", "linux", false}, {"TERM=dumb", "linux", true}, {"", "linux", true}, {"", "windows", false},
		{"TERM=xterm CI=true", "linux", true}, {"TERM=xterm NO_COLOR=1", "linux", true}, {"TERM=xterm CI= NO_COLOR=", "linux", false},
	} {
		env := func(name string) string {
			for _, setting := range strings.Fields(c.environment) {
				if value, ok := strings.CutPrefix(setting, name+"="); ok {
					return value
				}
			}
			return ""
		}
		if got := plain(env, c.system); got != c.want {
			t.Errorf("%q on %s: plain %t", c.environment, c.system, got)
		}
	}
	if Terminal(new(bytes.Buffer)) != nil {
		t.Error("a buffer is no terminal")
	}
}

func TestThousandsAreGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 10000: "10,000", 1234567: "1,234,567", -100: "-100", -1000: "-1,000"} {
		if got := Grouped(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestListsReadAsProse(t *testing.T) {
	for want, items := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := List(items); got != want {
			t.Errorf("%v: %q, want %q", items, got, want)
		}
		if got := Either(items); got != strings.ReplaceAll(want, " and ", " or ") {
			t.Errorf("either of %v: %q", items, got)
		}
	}
}

func TestProseIsWrappedWordByWord(t *testing.T) {
	const prose = "One seed says nothing about a recipe.\n\nDiagnosis:\n\n- plain: did not learn\n- both: over 9 epochs"
	for _, c := range []struct {
		width   int
		s, want string
	}{
		{0, prose, prose},
		{80, prose, prose},
		{20, prose, "One seed says\nnothing about a\nrecipe.\n\nDiagnosis:\n\n- plain: did not\n  learn\n- both: over 9\n  epochs"},
		{8, "see results/lr-sweep/runs.csv there", "see\nresults/lr-sweep/runs.csv\nthere"}, // a path stays whole
		{6, "数字 数字", "数字\n数字"},
		{20, "    code stays where it is", "    code stays where\n    it is"},
		{3, "", ""},
	} {
		if got := Wrap(c.s, c.width); got != c.want {
			t.Errorf("%q at %d columns: %q, want %q", c.s, c.width, got, c.want)
		}
	}
}
