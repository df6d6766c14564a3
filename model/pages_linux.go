package model

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

const (
	largePage    = 2 << 20 // bytes
	madvCollapse = 25      // of <linux/mman.h>, since Linux 6.1
)

// useLargePages asks Linux to move the part of the heap that holds x to pages of 2 MiB. The
// transforms of a convolution stride through memory, and with pages of 4 KiB they wait for
// address translation. Older versions of Linux refuse, and nothing changes.
func useLargePages(x []float32) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	at := uintptr(unsafe.Pointer(&x[0]))
	for line := range bytes.Lines(maps) {
		var first, end uintptr
		if _, err := fmt.Sscanf(string(line), "%x-%x", &first, &end); err != nil || at < first || at >= end {
			continue
		}
		for page := (first + largePage - 1) &^ (largePage - 1); page+largePage <= end; page += largePage {
			syscall.Syscall(syscall.SYS_MADVISE, page, largePage, madvCollapse)
		}
	}
}
