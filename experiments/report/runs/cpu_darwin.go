package runs

import "syscall"

// cpuName is such as "Apple M2"; empty where the kernel does not say.
func cpuName() string {
	name, _ := syscall.Sysctl("machdep.cpu.brand_string")
	return name
}
