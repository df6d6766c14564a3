//go:build !arm64 || purego

package kernel

const withNEON = false

const noNEON = "kernel: no NEON in this program"

func panelNEON(c *float32, ldc int, init *float32, ldi int, x *float32, base, off *int32, w *float32, m, n int) {
	panic(noNEON)
}
func addNEON(dst, src *float32, n int)          { panic(noNEON) }
func rectifyNEON(y, x *float32, n int)          { panic(noNEON) }
func rectifyGradNEON(dx, dy, y *float32, n int) { panic(noNEON) }
func sgdNEON(w, grad, v *float32, n int, rate, momentum, decay float32) float32 {
	panic(noNEON)
}
func averageNEON(avg, w *float32, n int, share float32) { panic(noNEON) }
