// Package exact holds arithmetic that gives the same bits on every architecture:
// random numbers that are a function of their position in a stream, and the geometry
// of small images. Every product that is added to something is first converted to
// float32, which keeps compilers from fusing the two.
package exact

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// Stream is a stream of random numbers, completely determined by (seed, purpose,
// number): the numbers of epoch 7 or of image 1,234 can be drawn without those before.
type Stream struct{ pcg rand.PCG }

// NewStream returns the stream for a purpose ("shuffle") and a number (an epoch, an
// image). Its PCG is seeded with the first 16 bytes of the SHA-256 over seed and number
// (8 bytes each, big-endian) and the purpose, so the streams of neighbouring numbers
// are independent.
func NewStream(seed uint64, purpose string, number uint64) *Stream {
	key := make([]byte, 0, 64)
	key = binary.BigEndian.AppendUint64(key, seed)
	key = binary.BigEndian.AppendUint64(key, number)
	sum := sha256.Sum256(append(key, purpose...))
	s := new(Stream)
	s.pcg.Seed(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))
	return s
}

// Uint64 returns 64 random bits.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// IntN returns a number in [0, n). It is the high word of a 128-bit product, which
// favours some numbers by at most n/2⁶⁴.
func (s *Stream) IntN(n int) int {
	high, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(high)
}

// Between returns a number in [low, high), uniform over 2²⁴ steps.
func (s *Stream) Between(low, high float32) float32 {
	unit := float32(s.pcg.Uint64()>>40) / (1 << 24)
	return low + float32(unit*(high-low))
}

// Rotation returns the cosine and the sine of the angle whose half has this tangent.
func Rotation(tanHalf float32) (cos, sin float32) {
	norm := 1 + float32(tanHalf*tanHalf)
	return (2 - norm) / norm, 2 * tanHalf / norm
}

// Bilinear interpolates at (u, v) between the corners (0, 0), (1, 0), (0, 1) and (1, 1)
// of a square.
func Bilinear(u, v, c00, c10, c01, c11 float32) float32 {
	above := c00 + float32(u*(c10-c00))
	below := c01 + float32(u*(c11-c01))
	return above + float32(v*(below-above))
}
