package report

import (
	"fmt"
	"strings"
)

// footnote says what the axes do not show as it is.
func footnote(f Figure, curves []*curve, y scale) string {
	floored, cut := 0, 0
	for _, c := range curves {
		floored += c.floored
		cut += c.cut
	}
	var said []string
	for _, s := range f.Series {
		if s.Raw && s.Smooth > 1 {
			said = append(said, fmt.Sprintf("in front: moving average over about %d points", s.Smooth))
			break
		}
	}
	if floored > 0 {
		edge := y.value(y.min)
		unit := ""
		if f.Percent {
			edge, unit = 100*edge, " %"
		}
		said = append(said, fmt.Sprintf("values of 0 are drawn at the lower edge (%.2g%s)", edge, unit))
	}
	if cut > 0 {
		said = append(said, "values beyond the axis are cut off")
	}
	return strings.Join(said, "; ")
}
