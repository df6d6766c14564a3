//go:build !purego

package kernel

// assembled reports whether this program has the functions of simd_amd64.s.
const assembled = true
