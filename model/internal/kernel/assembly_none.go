//go:build !amd64 || purego

package kernel

// assembled says that this program has the functions of simd_amd64.s; below is
// what is called in its place, never.
const assembled = false

// pause is no more than a call.
func pause(int) {}

const none = "kernel: no assembly in this program"

func panelAVX2(c *float32, ldc int, init *float32, ldi int, x *float32, base, off *int32, w *float32, m, n int) {
	panic(none)
}
func panelAVX512(c *float32, ldc, cp int, init *float32, ldi, ip int, x *float32, base, off *int32, w *float32, wp, m, n int) {
	panic(none)
}
func panelsAVX512(c *float32, ldc, cp int, init *float32, ldi, ip int, x *float32, base, off *int32, w *float32, wp, m, n int) {
	panic(none)
}
func transposeAVX2(dst *float32, ldd int, src *float32, lds, rows, cols int) { panic(none) }
func copyRowsAVX2(dst *float32, ldd int, src *float32, lds, rows, n int)     { panic(none) }
func sumAVX2(x *float32, n int) float32                                      { panic(none) }
func sumWhereAVX2(x, y *float32, n int) float32                              { panic(none) }
func addAVX2(dst, src *float32, n int)                                       { panic(none) }
func rectifyAVX2(y, x *float32, n int)                                       { panic(none) }
func rectifyGradAVX2(dx, dy, y *float32, n int)                              { panic(none) }
func poolAVX2(y *float32, argmax *int32, x *float32, w, ow, rows int)        { panic(none) }
func unpoolAVX2(dx, dy *float32, argmax *int32, w, ow, rows int)             { panic(none) }
func dropoutAVX2(y, x *float32, n int, first, limit uint32, scale float32, low, high uint32) {
	panic(none)
}
func sgdAVX2(w, grad, v *float32, n int, rate, momentum, decay float32) float32 { panic(none) }
func adamAVX2(w, grad, m, v *float32, n int, b1, a1, b2, a2, decay, step, norm, eps float32) float32 {
	panic(none)
}
func averageAVX2(avg, w *float32, n int, share float32)                                 { panic(none) }
func windowsAVX2(v *float32, ldv int, x *float32, ldx, ldp, tiles, n int)               { panic(none) }
func resultsAVX2(y *float32, ldy int, m *float32, ldm int, bias *float32, tiles int)    { panic(none) }
func spreadAVX2(m *float32, ldm int, d *float32, ldd, tiles int)                        { panic(none) }
func poolTileAVX2(y *float32, choice *byte, x *float32, ldx, ow, rows int)              { panic(none) }
func unpoolTileAVX2(x *float32, ldx, ldp int, y *float32, choice *byte, ow, rows int)   { panic(none) }
func peakAVX2(n int)                                                                    { panic(none) }
func windowsAVX512(v *float32, ldv int, x *float32, ldx, ldp, tiles, n int)             { panic(none) }
func resultsAVX512(y *float32, ldy int, m *float32, ldm int, bias *float32, tiles int)  { panic(none) }
func spreadAVX512(m *float32, ldm int, d *float32, ldd, tiles int)                      { panic(none) }
func poolTileAVX512(y *float32, choice *byte, x *float32, ldx, ow, rows int)            { panic(none) }
func unpoolTileAVX512(x *float32, ldx, ldp int, y *float32, choice *byte, ow, rows int) { panic(none) }
func peakAVX512(n int)                                                                  { panic(none) }
