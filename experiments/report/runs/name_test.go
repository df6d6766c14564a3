package runs

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestNamesAreSafeOnEverySystem(t *testing.T) {
	for name, safe := range map[string]bool{
		"dropout-lr0.01-s1-0a1b2c3d": true, "lr-sweep_2": true, "console": true, "a": true, strings.Repeat("x", 100): true, "lr1e-05-s1-00000000": true,
		"../../etc/passwd": false, "<script>": false, "a\nb": false, `C:\x`: false, "": false, "..": false, ".hidden": false, "end.": false, "CON": false,
		"con": false, "nul.txt": false, "Größe": false, "A": false, "-a": false, strings.Repeat("x", 101): false,
	} {
		if err := CheckName(name); (err == nil) != safe {
			t.Errorf("%.40q: %v, want safe %v", name, err, safe)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, name := range []string{"", "../x", "con", "a--b", "-", strings.Repeat("a.", 60), "com1.", "x-\xff"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) == nil && (!filepath.IsLocal(name) || filepath.Base(name) != name || strings.ContainsAny(name, `/\:<>|?*"`)) {
			t.Errorf("%q is no safe name", name)
		}
	})
}
