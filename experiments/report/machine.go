package report

import (
	"runtime"
	"strings"
)

// Machine is where a run was computed.
type Machine struct {
	CPU   string `json:"cpu"`   // the model's name, or the architecture where there is none
	Cores int    `json:"cores"` // usable by this process
	OS    string `json:"os"`
	Arch  string `json:"arch"`
}

// ThisMachine describes the machine that it is called on.
func ThisMachine() Machine {
	cpu := strings.Join(strings.Fields(cpuName()), " ")
	if cpu == "" {
		cpu = runtime.GOARCH
	}
	return Machine{CPU: cpu, Cores: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH}
}
