//go:build unix

package kernel

import (
	"syscall"
	"testing"
	"unsafe"
)

// rooms are guard words at several alignments and pages of the system: a read
// or a write behind a slice that ends with its page ends the program.
func rooms(t *testing.T) []room {
	page := syscall.Getpagesize()
	end := room{
		name: "at a page's end",
		slice: func(n int) []float32 {
			size := (4*n + page - 1) / page * page
			m, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := syscall.Munmap(m); err != nil {
					t.Error(err)
				}
			})
			if err := syscall.Mprotect(m[size:], syscall.PROT_NONE); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return []float32{}
			}
			return unsafe.Slice((*float32)(unsafe.Pointer(&m[size-4*n])), n)
		},
		intact: func() error { return nil },
	}
	return []room{guardWords(0), guardWords(1), guardWords(7), end}
}
