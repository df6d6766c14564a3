package fetch

import (
	"bytes"
	"testing"
	"time"
)

func TestProgressOutsideATerminalIsPlainLines(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "mnist", 10e6)
	p.show(1e6) // too early to say anything
	p.finished += 4e6
	p.last = time.Time{}
	p.show(1e6)
	p.say("mirror %d is away", 1)
	p.done()
	p.close()
	want := "mnist: 50 % of 10.0 MB\nmnist: mirror 1 is away\nmnist: downloaded and checked 10.0 MB in 0.0 s\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
