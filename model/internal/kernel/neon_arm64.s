//go:build !purego

#include "textflag.h"

// What the assembler has no name for, of four float32s: d = n op m, in registers by number.
#define FADD(m, n, d) WORD $(0x4E20D400 | (m)<<16 | (n)<<5 | (d))
#define FSUB(m, n, d) WORD $(0x4EA0D400 | (m)<<16 | (n)<<5 | (d))
#define FMUL(m, n, d) WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d))
#define BIC(m, n, d) WORD $(0x4E601C00 | (m)<<16 | (n)<<5 | (d)) // n and not m
#define LESS0(n, d) WORD $(0x4EA0E800 | (n)<<5 | (d))
#define MORE0(n, d) WORD $(0x4EA0C800 | (n)<<5 | (d))
#define EQUAL(m, n, d) WORD $(0x4E20E400 | (m)<<16 | (n)<<5 | (d))

#define ZERO4(a, b, c, d) \
	VEOR a.B16, a.B16, a.B16 \
	VEOR b.B16, b.B16, b.B16 \
	VEOR c.B16, c.B16, c.B16 \
	VEOR d.B16, d.B16, d.B16

// A row of a tile: its 16 sums, its place in x in R20 to R23, the 16 numbers of w in V16
// to V19.
#define ROW(at, a, b, c, d) \
	ADD R11<<2, at, R12 \
	VLD1R (R12), [V20.S4] \
	VFMLA V16.S4, V20.S4, a.S4 \
	VFMLA V17.S4, V20.S4, b.S4 \
	VFMLA V18.S4, V20.S4, c.S4 \
	VFMLA V19.S4, V20.S4, d.S4

#define PLACE(at) \
	MOVW.P 4(R5), R12 \
	ADD R12<<2, R4, at

// func panelNEON(c *float32, ldc int, init *float32, ldi int, x *float32, base, off *int32, w *float32, m, n int)
TEXT ·panelNEON(SB), NOSPLIT, $0-80
	MOVD c+0(FP), R0
	MOVD ldc+8(FP), R1
	LSL  $2, R1
	MOVD init+16(FP), R2
	MOVD ldi+24(FP), R3
	LSL  $2, R3
	MOVD x+32(FP), R4
	MOVD base+40(FP), R5
	MOVD m+64(FP), R8

four:
	CMP  $4, R8
	BLT  one
	VLD1 (R2), [V0.S4, V1.S4, V2.S4, V3.S4]
	ADD  R3, R2
	VLD1 (R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	ADD  R3, R2
	VLD1 (R2), [V8.S4, V9.S4, V10.S4, V11.S4]
	ADD  R3, R2
	VLD1 (R2), [V12.S4, V13.S4, V14.S4, V15.S4]
	ADD  R3, R2
	PLACE(R20)
	PLACE(R21)
	PLACE(R22)
	PLACE(R23)
	MOVD off+48(FP), R6
	MOVD w+56(FP), R7
	MOVD n+72(FP), R9

four_loop:
	MOVW.P 4(R6), R11
	VLD1.P 64(R7), [V16.S4, V17.S4, V18.S4, V19.S4]
	ROW(R20, V0, V1, V2, V3)
	ROW(R21, V4, V5, V6, V7)
	ROW(R22, V8, V9, V10, V11)
	ROW(R23, V12, V13, V14, V15)
	SUBS $1, R9
	BNE  four_loop
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R0)
	ADD  R1, R0
	VST1 [V4.S4, V5.S4, V6.S4, V7.S4], (R0)
	ADD  R1, R0
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (R0)
	ADD  R1, R0
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (R0)
	ADD  R1, R0
	SUB  $4, R8
	B    four

one:
	CBZ  R8, end
	VLD1 (R2), [V0.S4, V1.S4, V2.S4, V3.S4]
	ADD  R3, R2
	PLACE(R20)
	MOVD off+48(FP), R6
	MOVD w+56(FP), R7
	MOVD n+72(FP), R9

one_loop:
	MOVW.P 4(R6), R11
	VLD1.P 64(R7), [V16.S4, V17.S4, V18.S4, V19.S4]
	ROW(R20, V0, V1, V2, V3)
	SUBS $1, R9
	BNE  one_loop
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R0)
	ADD  R1, R0
	SUB  $1, R8
	B    one

end:
	RET

// func addNEON(dst, src *float32, n int)
TEXT ·addNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

add_loop:
	VLD1   (R0), [V0.S4, V1.S4]
	VLD1.P 32(R1), [V2.S4, V3.S4]
	FADD(2, 0, 0)
	FADD(3, 1, 1)
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $8, R2
	BNE    add_loop
	RET

// func rectifyNEON(y, x *float32, n int)
TEXT ·rectifyNEON(SB), NOSPLIT, $0-24
	MOVD y+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R2

rectify_loop:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	LESS0(0, 2)
	LESS0(1, 3)
	BIC(2, 0, 0)
	BIC(3, 1, 1)
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $8, R2
	BNE    rectify_loop
	RET

// func rectifyGradNEON(dx, dy, y *float32, n int)
TEXT ·rectifyGradNEON(SB), NOSPLIT, $0-32
	MOVD dx+0(FP), R0
	MOVD dy+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R3

rectifygrad_loop:
	VLD1.P 16(R1), [V0.S4]
	VLD1.P 16(R2), [V1.S4]
	MORE0(1, 2)
	VAND   V2.B16, V0.B16, V0.B16
	EQUAL(1, 1, 3)                  // where y is no NaN
	BIC(3, 1, 1)
	VORR   V1.B16, V0.B16, V0.B16
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R3
	BNE    rectifygrad_loop
	RET

// func sgdNEON(w, grad, v *float32, n int, rate, momentum, decay float32) float32
TEXT ·sgdNEON(SB), NOSPLIT, $0-52
	MOVD w+0(FP), R0
	MOVD grad+8(FP), R1
	MOVD v+16(FP), R2
	MOVD n+24(FP), R3
	MOVD $rate+32(FP), R4
	VLD1R (R4), [V16.S4]
	MOVD $momentum+36(FP), R4
	VLD1R (R4), [V17.S4]
	MOVD $decay+40(FP), R4
	VLD1R (R4), [V18.S4]
	VEOR V19.B16, V19.B16, V19.B16 // zero
	VEOR V20.B16, V20.B16, V20.B16 // the probe

sgd_loop:
	VLD1   (R0), [V0.S4]
	VLD1   (R1), [V1.S4]
	VLD1   (R2), [V2.S4]
	FMUL(17, 2, 2)
	FADD(1, 2, 2)
	FMUL(18, 0, 3)
	FADD(3, 2, 2)
	VST1.P [V2.S4], 16(R2)
	FMUL(16, 2, 3)
	FSUB(3, 0, 0)
	VST1.P [V0.S4], 16(R0)
	FMUL(19, 0, 3)
	FADD(3, 20, 20)
	VST1.P [V19.S4], 16(R1)
	SUBS   $4, R3
	BNE    sgd_loop
	// the sum of the lanes is 0 or NaN, in any order
	VEXT   $8, V20.B16, V20.B16, V21.B16
	FADD(21, 20, 20)
	VEXT   $4, V20.B16, V20.B16, V21.B16
	FADD(21, 20, 20)
	FMOVS  F20, ret+48(FP)
	RET

// func averageNEON(avg, w *float32, n int, share float32)
TEXT ·averageNEON(SB), NOSPLIT, $0-28
	MOVD avg+0(FP), R0
	MOVD w+8(FP), R1
	MOVD n+16(FP), R2
	MOVD $share+24(FP), R4
	VLD1R (R4), [V16.S4]

average_loop:
	VLD1   (R0), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	FSUB(0, 1, 1)
	FMUL(16, 1, 1)
	FADD(1, 0, 0)
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R2
	BNE    average_loop
	RET
