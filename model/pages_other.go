//go:build !linux

package model

// useLargePages does nothing; see pages_linux.go.
func useLargePages([]float32) {}
