package data

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// stream is a counter-based stream of random numbers: wholly determined by
// (seed, purpose, number), so that the numbers of epoch 7 or of image 1,234 can
// be drawn without drawing those before.
type stream struct{ pcg rand.PCG }

// newStream returns the stream of one purpose ("shuffle") and number (an epoch,
// an image). Its PCG is seeded by the first 16 bytes of the SHA-256 over
// seed and number (8 bytes each, big-endian) and the purpose: streams of
// neighbouring numbers have nothing in common.
func newStream(seed uint64, purpose string, number uint64) *stream {
	key := make([]byte, 0, 64)
	key = binary.BigEndian.AppendUint64(key, seed)
	key = binary.BigEndian.AppendUint64(key, number)
	sum := sha256.Sum256(append(key, purpose...))
	s := new(stream)
	s.pcg.Seed(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))
	return s
}

// intN returns a number in [0, n). It keeps the high word of a 128-bit product,
// which favours some numbers by at most n/2⁶⁴.
func (s *stream) intN(n int) int {
	high, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(high)
}

// between returns a number in [low, high), uniform over 2²⁴ steps.
func (s *stream) between(low, high float32) float32 {
	unit := float32(s.pcg.Uint64()>>40) / (1 << 24)
	return low + float32(unit*(high-low))
}
