package runs

import (
	"regexp"
	"strings"
)

const (
	slugLimit   = 100       // bytes; every file system allows 255 with suffixes
	slugUnnamed = "unnamed" // the slug of a name without letters and digits
)

// windowsDevices match names that open a device on Windows, whatever follows their
// first dot.
var windowsDevices = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// Slug turns name into one path element that is safe on every system: lower-case
// letters, digits, '-', '_' and '.', at most 100 of them, beginning with a letter or
// digit. Anything else becomes '-'. A slug is its own slug; different names may
// share one.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '_', r == '.':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := strings.TrimLeft(b.String(), "-_.")
	if len(slug) > slugLimit {
		slug = slug[:slugLimit]
	}
	slug = strings.TrimRight(slug, "-_.")
	if slug == "" {
		return slugUnnamed
	}
	if windowsDevices.MatchString(slug) {
		return Slug("x-" + slug)
	}
	return slug
}
