//go:build !purego

package kernel

// assembled says that this program has the functions of avx2_amd64.s.
const assembled = true
