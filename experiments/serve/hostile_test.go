package serve_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cnnlab/experiments/suite"
)

// request is one that a hostile client sends.
type request struct {
	method, path, host string
	header             [2]string
	body               []byte
	want               []int // the answers that are right
}

// requests makes n requests of all kinds, different each time but for the seed.
func requests(n int, address, run string) (all []request) {
	r := rand.New(rand.NewPCG(1, 2))
	noise := func(size int) []byte {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	own := strings.TrimPrefix(address, "http://")
	play := "/play?section=baseline&run=" + run
	kinds := []func() request{
		func() request {
			path := []string{"/..%2f..%2fetc%2fpasswd", "/../../etc/passwd", "/runs.csv", "/baseline/runs/" + run + "/run.json", "//etc/passwd", "/%00", "/index.html", "/.lock"}[r.IntN(8)]
			return request{method: "GET", path: path, want: []int{404, 400, 403, 301, 307}}
		},
		func() request {
			path := []string{"/play?section=..&run=..", "/play?section=baseline&run=../../../etc", "/play?section=baseline&run=" + strings.Repeat("a", r.IntN(2000)), "/play?section=%2e%2e&run=" + run, "/play?section=&run=" + run}[r.IntN(5)]
			return request{method: "POST", path: path, body: picture(28, 28), want: []int{404, 503}}
		},
		func() request {
			host := []string{"evil.example", "evil.example:7878", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::ffff:8.8.8.8]", "xn--lcalhost-w4a"}[r.IntN(7)]
			return request{method: "GET", path: "/", host: host, want: []int{403}}
		},
		func() request {
			origin := []string{"http://evil.example", "https://" + own, "null", "http://localhost:1", "file://"}[r.IntN(5)]
			return request{method: []string{"GET", "POST"}[r.IntN(2)], path: play, header: [2]string{"Origin", origin}, want: []int{403}}
		},
		func() request {
			return request{method: "POST", path: play, header: [2]string{"Sec-Fetch-Site", "cross-site"}, want: []int{403}}
		},
		func() request {
			return request{method: []string{"PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"}[r.IntN(5)], path: "/", want: []int{405}}
		},
		func() request { // no picture
			return request{method: "POST", path: play, body: noise(r.IntN(5000)), want: []int{400, 503}}
		},
		func() request { // a picture with damage
			b := picture(64, 64)
			b[20+r.IntN(len(b)-20)] ^= byte(1 + r.IntN(255))
			return request{method: "POST", path: play, body: b, want: []int{400, 503, 200}}
		},
		func() request { // a bomb: its header claims more pixels than there may be
			b := picture(8, 8)
			copy(b[16:24], []byte{0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF})
			return request{method: "POST", path: play, body: b, want: []int{400, 503}}
		},
		func() request { // well formed
			return request{method: "POST", path: play + fmt.Sprintf("&toward=%d", r.IntN(14)-2), body: picture(1+r.IntN(200), 1+r.IntN(200)), want: []int{200, 400, 503}}
		},
		func() request {
			return request{method: "GET", path: "/", header: [2]string{"X-Long", strings.Repeat("x", r.IntN(60_000))}, want: []int{200, 431}}
		},
		func() request { return request{method: "POST", path: "/events", body: noise(100), want: []int{405}} },
	}
	for i := range n {
		all = append(all, kinds[i%len(kinds)]())
	}
	large := request{method: "POST", path: play, body: make([]byte, 9<<20), want: []int{413, 503}}
	return append(all, large, large)
}

// picture is a PNG with a cross on it.
func picture(width, height int) []byte {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range max(width, height) {
		img.SetGray(i*width/max(width, height), height/2, color.Gray{255})
		img.SetGray(width/2, i*height/max(width, height), color.Gray{255})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

// files returns the sums of all files below dir but for those of one experiment.
func files(t *testing.T, dir, without string) map[string][32]byte {
	t.Helper()
	all := make(map[string][32]byte)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == without {
				return fs.SkipDir
			}
			return err
		}
		content, err := os.ReadFile(path)
		all[path] = sha256.Sum256(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestHostileRequestsTouchNothing sends ten thousand of them, with slow readers and 500
// open connections, while a network trains.
func TestHostileRequestsTouchNothing(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1_000
	}
	ctx := context.Background()
	second := func(o *suite.Options) {
		o.Dataset, o.Limit, o.Given["epochs"], o.Jobs, o.Given["dropout"] = "digits", 1500, "12", 1, "0.5"
	}
	dir, alone := t.TempDir(), t.TempDir()
	digits := func(o *suite.Options) { o.Dataset, o.Limit, o.Given["epochs"] = "digits", 500, "1" }
	for _, d := range []string{dir, alone} {
		if err := train(t, ctx, d, "baseline", digits); err != nil {
			t.Fatal(err)
		}
	}
	if err := train(t, ctx, alone, "regularized", second); err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(dir, "baseline-digits", "runs", "*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("%d runs, want 1", len(dirs))
	}
	before := files(t, dir, "regularized-digits")
	address := start(t, dir)
	trained := make(chan error, 1)
	go func() { trained <- train(t, ctx, dir, "regularized", second) }()

	var peak atomic.Uint64
	done := make(chan bool)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	}()
	closeAll := flood(t, address)
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	client := &http.Client{Transport: transport, Timeout: 60 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	work := make(chan request)
	var wrong, refused atomic.Int64
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for r := range work {
				code := send(client, address, r)
				switch {
				case code == 0:
					refused.Add(1)
				case !contains(r.want, code):
					if wrong.Add(1) < 10 {
						t.Errorf("%s %.80s, Host %q, %q: answered %d, want one of %v", r.method, r.path, r.host, r.header, code, r.want)
					}
				}
			}
		})
	}
	for i, r := range requests(n, address, strings.Replace(filepath.Base(dirs[0]), "section=baseline", "section=baseline-digits", 1)) {
		r.path = strings.Replace(r.path, "section=baseline&", "section=baseline-digits&", 1)
		work <- r
		if i == 200 {
			closeAll() // the connections have been held for a while
		}
	}
	close(work)
	workers.Wait()
	close(done)
	if err := <-trained; err != nil {
		t.Error(err)
	}
	t.Logf("%d requests, %d with a broken connection, %d wrong answers; at most %d MB of heap", n, refused.Load(), wrong.Load(), peak.Load()>>20)
	if refused.Load() > int64(n/20) {
		t.Errorf("%d of %d requests got no answer", refused.Load(), n)
	}
	if peak.Load() > 500<<20 {
		t.Errorf("%d MB of heap", peak.Load()>>20)
	}

	// The page still works, no file was touched, and the training has its bits.
	if code := send(client, address, request{method: "GET", path: "/"}); code != 200 {
		t.Errorf("afterwards, the page is answered with %d", code)
	}
	after := files(t, dir, "regularized-digits")
	delete(before, filepath.Join(dir, "runs.csv")) // the training's command rewrites these
	delete(before, filepath.Join(dir, "index.html"))
	for path, sum := range before {
		if after[path] != sum {
			t.Errorf("%s has changed", path)
		}
	}
	weights, err := filepath.Glob(filepath.Join(dir, "regularized-digits", "runs", "*", "weights.safetensors"))
	if err != nil || len(weights) == 0 {
		t.Fatalf("no weights; %v", err)
	}
	for _, path := range weights {
		relative, _ := filepath.Rel(dir, path)
		a, errA := os.ReadFile(path)
		b, errB := os.ReadFile(filepath.Join(alone, relative))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: other bits than without the server; %v, %v", relative, errA, errB)
		}
	}
}

func contains(codes []int, code int) bool {
	for _, c := range codes {
		if c == code {
			return true
		}
	}
	return false
}

// send returns the code of the answer; 0 if there was none.
func send(client *http.Client, address string, r request) int {
	req, err := http.NewRequest(r.method, address+"/", bytes.NewReader(r.body))
	if err != nil {
		return -1
	}
	req.URL.Opaque = r.path // as it is, not cleaned
	if r.host != "" {
		req.Host = r.host
	}
	if r.header[0] != "" {
		req.Header.Set(r.header[0], r.header[1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode
}

// flood opens 500 connections: some say nothing, some send their header byte by byte,
// some ask for the stream of events and never read it.
func flood(t *testing.T, address string) (closeAll func()) {
	t.Helper()
	host := strings.TrimPrefix(address, "http://")
	var connections []net.Conn
	for i := range 500 {
		c, err := net.DialTimeout("tcp", host, 5*time.Second)
		if err != nil {
			continue // refused is bounded too
		}
		connections = append(connections, c)
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		switch i % 3 {
		case 1:
			_, _ = fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nX-Slow: ", host)
		case 2:
			_, _ = fmt.Fprintf(c, "GET /events HTTP/1.1\r\nHost: %s\r\n\r\n", host)
		}
	}
	t.Logf("%d connections are open at once", len(connections))
	return func() {
		for _, c := range connections {
			_ = c.Close()
		}
	}
}
