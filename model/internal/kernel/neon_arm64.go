//go:build !purego

package kernel

// withNEON reports whether this program has the functions of neon_arm64.s. Every arm64
// processor can run them. Each equals the AVX2 function of its name.
const withNEON = true

//go:noescape
func panelNEON(c *float32, ldc int, init *float32, ldi int, x *float32, base, off *int32, w *float32, m, n int)

//go:noescape
func addNEON(dst, src *float32, n int)

//go:noescape
func rectifyNEON(y, x *float32, n int)

//go:noescape
func rectifyGradNEON(dx, dy, y *float32, n int)

//go:noescape
func sgdNEON(w, grad, v *float32, n int, rate, momentum, decay float32) float32

//go:noescape
func averageNEON(avg, w *float32, n int, share float32)
