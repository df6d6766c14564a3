//go:build race

package model

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestGradientsAreTakenSideBySide takes the gradients of several networks concurrently,
// as an experiment with several jobs does. It needs a process of its own: Gorgonia writes to
// the constants that all graphs share when they are first used, and another test may
// have used them.
func TestGradientsAreTakenSideBySide(t *testing.T) {
	const fresh = "CNNLAB_FRESH_PROCESS"
	if os.Getenv(fresh) == "" {
		again := exec.Command(os.Args[0], "-test.run=^TestGradientsAreTakenSideBySide$")
		again.Env = append(os.Environ(), fresh+"=1")
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	var nets []*Network
	for range 4 {
		net, err := New(tiny.input(FastOps), tiny.layers)
		if err != nil {
			t.Fatal(err)
		}
		nets = append(nets, net)
	}
	var grads sync.WaitGroup
	for _, net := range nets {
		grads.Go(func() {
			if _, err := gorgonia.Grad(net.Loss, net.Learnables...); err != nil {
				t.Error(err)
			}
		})
	}
	grads.Wait()
}
