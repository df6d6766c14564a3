//go:build !purego

package kernel

// assembled says that this program has the functions of simd_amd64.s.
const assembled = true
