package runs

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// Machine is the computer that a run was trained on.
type Machine struct {
	CPU   string `json:"cpu"`   // the model's name, or the architecture where it is unknown
	Cores int    `json:"cores"` // usable by this process
	OS    string `json:"os"`
	Arch  string `json:"arch"`
}

// ThisMachine describes this computer.
func ThisMachine() Machine {
	name := strings.Join(strings.Fields(cpuid.CPU.BrandName), " ")
	return Machine{CPU: cmp.Or(name, runtime.GOARCH), Cores: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH}
}

// Versions is the software that a run was trained with.
type Versions struct {
	Go       string            `json:"go"`
	Modules  map[string]string `json:"modules"`            // path → version of each recorded module
	Revision string            `json:"revision,omitempty"` // of this repository, if the build knows it
	Dirty    bool              `json:"dirty,omitempty"`    // built with uncommitted changes
}

// recordedModules are the modules whose versions can affect the results.
var recordedModules = map[string]bool{
	"gorgonia.org/gorgonia": true,
	"gorgonia.org/tensor":   true,
	"gonum.org/v1/gonum":    true,
	"gonum.org/v1/plot":     true,
}

// TheseVersions returns the versions that this program was built from.
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
