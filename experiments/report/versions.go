package report

import (
	"runtime"
	"runtime/debug"
)

// Versions is what a run was computed with.
type Versions struct {
	Go       string            `json:"go"`
	Modules  map[string]string `json:"modules"`            // path → version, of those that change numbers
	Revision string            `json:"revision,omitempty"` // of this repository, where the build knows it
	Dirty    bool              `json:"dirty,omitempty"`    // built with changes beyond Revision
}

// recordedModules are the modules whose version a record names.
var recordedModules = map[string]bool{
	"gorgonia.org/gorgonia": true,
	"gorgonia.org/tensor":   true,
	"gonum.org/v1/gonum":    true,
	"gonum.org/v1/plot":     true,
}

// TheseVersions are the versions that the running program was built from.
func TheseVersions() Versions {
	v := Versions{Go: runtime.Version(), Modules: map[string]string{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, module := range info.Deps {
		if !recordedModules[module.Path] {
			continue
		}
		version := module.Version
		if module.Replace != nil {
			version += " => " + module.Replace.Path + " " + module.Replace.Version
		}
		v.Modules[module.Path] = version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Revision = setting.Value
		case "vcs.modified":
			v.Dirty = setting.Value == "true"
		}
	}
	return v
}
