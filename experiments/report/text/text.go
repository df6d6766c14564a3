// Package text prepares words for a reader: one safe line, its width in columns,
// counts, and the name that was probably meant. It knows nothing of tables or files.
package text

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// Line returns s on one line, with control characters and broken UTF-8 replaced, so
// that nothing in it can control a terminal or break XML.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co), r == 0xFFFE, r == 0xFFFF:
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// Width returns the number of terminal columns that s takes: two for a wide character,
// none for a combining one.
func Width(s string) int { return runewidth.StringWidth(s) }

// Split cuts s after at most width columns, but not before the second character.
func Split(s string, width int) (head, tail string) {
	columns := 0
	for i, r := range s {
		columns += runewidth.RuneWidth(r)
		if columns > width && i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// Columns returns the width of the terminal w, or 0 if w is not a terminal.
func Columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return columns
		}
	}
	return 0
}

// Terminal returns the terminal behind w if it can move its cursor and nobody asked for
// plain lines, or else nil.
func Terminal(w io.Writer) *os.File {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || plain(os.Getenv, runtime.GOOS) {
		return nil
	}
	return f
}

// plain reports whether the environment asks for lines without escape sequences.
func plain(env func(name string) string, system string) bool {
	kind := env("TERM")
	return kind == "dumb" || kind == "" && system != "windows" || env("CI") != "" || env("NO_COLOR") != ""
}

// Wrap breaks the lines of s between words so that each takes at most width columns. What
// follows the first piece of a list item or of an indented line is indented like it. A
// longer word, such as a path, stays whole. A width below 1 means no limit.
func Wrap(s string, width int) string {
	var wrapped []string
	for line := range strings.SplitSeq(s, "\n") {
		start := line[:len(line)-len(strings.TrimLeft(line, " "))]
		hang := start
		if strings.HasPrefix(line[len(start):], "- ") {
			hang += "  "
		}
		for Width(line) > width && width > 0 {
			head, tail := firstLine(line, len(hang), width)
			if tail == "" {
				break
			}
			wrapped, line = append(wrapped, head), hang+tail
		}
		wrapped = append(wrapped, line)
	}
	return strings.Join(wrapped, "\n")
}

// firstLine cuts line at the last space within width columns, or else at the first one,
// but not within its first bytes.
func firstLine(line string, first, width int) (head, tail string) {
	cut := -1
	for i, r := range line {
		if r != ' ' || i <= first {
			continue
		}
		if cut >= 0 && Width(line[:i]) > width {
			break
		}
		cut = i
	}
	if cut < 0 {
		return line, ""
	}
	return line[:cut], strings.TrimLeft(line[cut:], " ")
}

// Count returns the number with its noun: "1 run" or "3 runs".
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// List joins items as prose does: "a", "a and b", "a, b and c".
func List(items []string) string { return list(items, " and ") }

// Either joins items as alternatives: "a", "a or b", "a, b or c".
func Either(items []string) string { return list(items, " or ") }

func list(items []string, conjunction string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + conjunction + items[last]
}

// Nearest returns the one of names that was probably meant, or "".
func Nearest(name string, names []string) string {
	if name == "" || len(name) > 60 {
		return ""
	}
	best, least := "", math.MaxInt
	for _, candidate := range names {
		distance := levenshtein.ComputeDistance(strings.ToLower(name), candidate)
		if strings.HasPrefix(candidate, strings.ToLower(name)) {
			distance = 0
		}
		if distance <= len(candidate)/2 && distance < least {
			best, least = candidate, distance
		}
	}
	return best
}

// Grouped returns n with commas between thousands: 10,000.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
