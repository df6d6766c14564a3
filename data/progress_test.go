package data

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressOutsideATerminalIsPlainLines(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "mnist", 10e6)
	p.show(1e6) // too early to say anything
	p.file(4e6)
	p.last = time.Time{}
	p.show(1e6)
	p.say("mirror %d is away", 1)
	p.end("downloaded")
	want := "mnist: 50 % of 10.0 MB\nmnist: mirror 1 is away\nmnist: downloaded 10.0 MB in 0.0 s\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestProgressOnATerminalKeepsToItsColumns(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "fashion-mnist", 30e6)
	p.terminal, p.columns = true, 20
	for _, have := range []int64{0, 10e6, 20e6} {
		p.last = time.Time{}
		p.show(have)
	}
	p.end("")
	for _, line := range strings.Split(out.String(), "\r") {
		if len(line) > 19 {
			t.Errorf("%q has %d columns, want at most 19", line, len(line))
		}
	}
	if strings.Contains(out.String(), "\n") {
		t.Errorf("%q goes on to another line", out.String())
	}
}
