package model

import (
	"os"
	"regexp"
	"testing"
)

func TestLargePagesKeepWhatTheyHold(t *testing.T) {
	x := make([]float32, 4<<20)
	for i := range x {
		x[i] = float32(i)
	}
	useLargePages(x)
	for i, v := range x {
		if v != float32(i) {
			t.Fatalf("x[%d] = %v", i, v)
		}
	}
	pages, _ := os.ReadFile("/proc/self/smaps_rollup")
	t.Logf("%s", regexp.MustCompile("AnonHugePages:.*").Find(pages))
}
