package serve_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a tab of a headless Chromium that notes what it says and asks for.
type browser struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	said     []string // console messages and errors
	requests []string // URLs, but for data:
}

// open opens a tab, or skips the test where there is no Chromium.
func open(t *testing.T, url string) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: the page is not tried in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	b.do(chromedp.EmulateViewport(1280, 1000), chromedp.Navigate(url))
	return b
}

func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, fmt.Sprint(e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		b.said = append(b.said, e.Entry.Text+" "+e.Entry.URL)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:") {
			b.requests = append(b.requests, e.Request.URL)
		}
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v\nconsole: %q", err, b.said)
	}
}

// call sends a command of the browser's protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], parameters P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, parameters)
	if err != nil {
		b.t.Fatalf("browser: %s: %v", command.Method, err)
	}
	return result
}

// eval returns the value of a JavaScript expression.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("browser: %v in %s\nconsole: %q", err, expression, b.said)
	}
	return value
}

// await waits until the expression is true.
func (b *browser) await(expression string) {
	b.t.Helper()
	for range 300 {
		if eval[bool](b, expression) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.t.Fatalf("in half a minute, this did not become true: %s\nconsole: %q\nplay: %s", expression, b.said, eval[string](b, `document.querySelector("#play .note")?.textContent ?? ""`))
}

// quiet wants no console message, and no request but those that begin with an allowed
// prefix.
func (b *browser) quiet(allowed string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.said {
		b.t.Errorf("console: %s", s)
	}
	for _, url := range b.requests {
		if !strings.HasPrefix(url, allowed) {
			b.t.Errorf("request for %s, want only %s…", url, allowed)
		}
	}
}

// ink counts the pixels of a chart by colour: [r, g, b] within a small distance.
func (b *browser) ink(section string, colour [3]int) int {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf(`(() => {
		const canvas = document.querySelector("#%s .plot canvas"), copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
		copy.drawImage(canvas, 0, 0);
		const d = copy.getImageData(0, 0, canvas.width, canvas.height).data;
		let n = 0;
		for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200 && Math.abs(d[i] - %d) + Math.abs(d[i + 1] - %d) + Math.abs(d[i + 2] - %d) < 12) n++;
		return n;
	})()`, section, colour[0], colour[1], colour[2]))
}

// picture returns the chart of a section as a data URL.
func (b *browser) picture(section string) string {
	return eval[string](b, fmt.Sprintf(`document.querySelector("#%s .plot canvas").toDataURL()`, section))
}

// click clicks the control of a section whose label or text begins so.
func (b *browser) click(section, text string) {
	b.t.Helper()
	found := eval[bool](b, fmt.Sprintf(`(() => {
		const e = [...document.querySelectorAll("#%s label, #%s button, #%s summary")].find((e) => e.textContent.trim().startsWith(%q));
		e?.click();
		return Boolean(e);
	})()`, section, section, section, text))
	if !found {
		b.t.Fatalf("%s has no control %q", section, text)
	}
}

// set gives a control of a section a value, as a person does.
func (b *browser) set(selector, value, event string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event(%q, { bubbles: true })); return true; })()`, selector, value, event))
}

// stroke moves the pressed mouse along points of an element, each a share of its width
// and height.
func (b *browser) stroke(selector string, points ...[2]float64) {
	b.t.Helper()
	box := b.box(selector)
	at := func(kind input.DispatchMouseEventType, p [2]float64) chromedp.Action[chromedp.Void] {
		return chromedp.MouseEvent(kind, box[0]+p[0]*box[2], box[1]+p[1]*box[3], chromedp.ButtonLeft, chromedp.ClickCount(1),
			func(e *input.DispatchMouseEventParams) { e.Buttons = 1 })
	}
	b.do(at(chromedp.MousePressed, points[0]))
	for i, p := range points[1:] {
		from := points[i]
		for s := 1.0; s <= 10; s++ {
			b.do(at(chromedp.MouseMoved, [2]float64{from[0] + (p[0]-from[0])*s/10, from[1] + (p[1]-from[1])*s/10}))
		}
	}
	b.do(at(chromedp.MouseReleased, points[len(points)-1]))
}

// point moves the mouse over an element, to a share of its width and height.
func (b *browser) point(selector string, x, y float64) {
	b.t.Helper()
	box := b.box(selector)
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, box[0]+x*box[2], box[1]+y*box[3]))
}

// box returns left, top, width and height of an element that it brings into view.
func (b *browser) box(selector string) [4]float64 {
	b.t.Helper()
	return eval[[4]float64](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`, selector))
}

// reached presses Tab until the focus has gone round, and returns how many different
// elements it reached, and those that it should have.
func (b *browser) reached() (reached, want int) {
	const mark = `(() => { const e = document.activeElement; if (!e || e === document.body) return false; if (e.dataset.reached) return true; e.dataset.reached = "1"; return true; })()`
	eval[bool](b, `(() => { document.activeElement.blur(); window.getSelection().removeAllRanges(); scrollTo(0, 0); return true; })()`)
	const focusable = `[...document.querySelectorAll("a[href], button:not([disabled]), select, input, summary, [tabindex='0']")].filter((e) => e.checkVisibility())`
	want = eval[int](b, focusable+`.length`)
	for range want + 10 {
		b.do(chromedp.KeyEvent("\t"))
		eval[bool](b, mark)
	}
	return eval[int](b, focusable+`.filter((e) => e.dataset.reached).length`), want
}

// look writes screenshots at three widths, light and dark, if CNNLAB_SCREENSHOTS names a
// directory for them.
func (b *browser) look(name string) {
	dir := os.Getenv("CNNLAB_SCREENSHOTS")
	if dir == "" {
		return
	}
	for _, width := range []int64{1280, 800, 390} {
		for _, scheme := range []string{"light", "dark"} {
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			b.do(chromedp.EmulateViewport(width, 1000), chromedp.Sleep(500*time.Millisecond))
			shot, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
			if err != nil {
				b.t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), shot, 0o666); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	b.do(chromedp.EmulateViewport(1280, 1000))
}
