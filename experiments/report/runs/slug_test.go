package runs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"dropout-lr0.01-s1-0a1b2c3d": "dropout-lr0.01-s1-0a1b2c3d",
		"lr-sweep_2":                 "lr-sweep_2",
		"../../etc/passwd":           "etc-passwd",
		"<script>alert(1)</script>":  "script-alert-1-script",
		"a\nb":                       "a-b",
		`C:\x`:                       "c-x",
		"":                           "unnamed",
		"..":                         "unnamed",
		".hidden":                    "hidden",
		"end.":                       "end",
		"CON":                        "x-con",
		"nul.txt":                    "x-nul.txt",
		"console":                    "console",
		"Größe":                      "gr-e",
		strings.Repeat("x", 300):     strings.Repeat("x", 100),
	} {
		if got := Slug(name); got != want {
			t.Errorf("Slug(%.40q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzSlug(f *testing.F) {
	for _, name := range []string{"", "../x", "con", "a--b", "-", strings.Repeat("a.", 60), "com1.", "x-\xff"} {
		f.Add(name)
	}
	safe := regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)
	f.Fuzz(func(t *testing.T, name string) {
		slug := Slug(name)
		if !safe.MatchString(slug) || windowsDevices.MatchString(slug) || !filepath.IsLocal(slug) {
			t.Errorf("Slug(%q) = %q is no safe name", name, slug)
		}
		if again := Slug(slug); again != slug {
			t.Errorf("Slug(%q) = %q, whose slug is %q", name, slug, again)
		}
	})
}
