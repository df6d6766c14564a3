package runs

import (
	"bufio"
	"os"
	"strings"
)

// cpuName is the first "model name" (amd64) or "Model" (boards) of
// /proc/cpuinfo; empty where neither stands there.
func cpuName() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		switch strings.TrimSpace(key) {
		case "model name", "Model":
			return value
		}
	}
	return ""
}
