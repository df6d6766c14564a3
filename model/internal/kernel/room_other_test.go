//go:build !unix

package kernel

import "testing"

// rooms are guard words at several alignments.
func rooms(*testing.T) []room { return []room{guardWords(0), guardWords(1), guardWords(7)} }
