package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/page"
	"cnnlab/experiments/report/runs"
)

const (
	refreshEvery = 250 * time.Millisecond
	aliveEvery   = 10 * time.Second // between signs of life on a quiet stream
	sendTimeout  = 10 * time.Second
	backlog      = 256 // messages that a slow client may be behind
)

// hub reads the results while somebody follows them, and sends what changes to all who
// do.
type hub struct {
	mu        sync.Mutex
	results   *page.Results
	listeners map[chan []byte]bool
}

func newHub(results *page.Results) *hub {
	return &hub{results: results, listeners: make(map[chan []byte]bool)}
}

// watch follows the results until ctx ends.
func (h *hub) watch(ctx context.Context) {
	ticker := time.NewTicker(refreshEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			h.mu.Lock()
			if len(h.listeners) > 0 {
				h.refresh()
			}
			h.mu.Unlock()
		}
	}
}

// refresh reads what has changed and sends it. A listener that is too far behind is
// dropped; its page connects again and gets everything.
func (h *hub) refresh() {
	events, err := h.results.Refresh()
	if err != nil {
		return // the directory may come back
	}
	for _, e := range events {
		m := message(e.Kind, e.Data)
		for listener := range h.listeners {
			select {
			case listener <- m:
			default:
				h.drop(listener)
			}
		}
	}
}

func (h *hub) drop(listener chan []byte) {
	if h.listeners[listener] {
		delete(h.listeners, listener)
		close(listener)
	}
}

// message is an event of a stream (HTML, section 9.2.6).
func message(kind string, data any) []byte {
	content, err := json.Marshal(data)
	if err != nil {
		content = []byte("null")
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", kind, content)
}

var errCrowded = errors.Errorf("%d pages follow these results already; close one", maxListeners)

// join returns all that is there, and a channel of what follows.
func (h *hub) join() (all []byte, listener chan []byte, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) >= maxListeners {
		return nil, nil, errCrowded
	}
	h.refresh()
	var b bytes.Buffer
	var names []string
	sections := h.results.Sections()
	for _, s := range sections {
		names = append(names, s.Name)
	}
	b.WriteString("retry: 1000\n")
	b.Write(message("sections", names))
	for _, s := range sections {
		b.Write(message(page.KindSection, s))
	}
	listener = make(chan []byte, backlog)
	h.listeners[listener] = true
	return b.Bytes(), listener, nil
}

// ServeHTTP sends the stream of events.
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	all, listener, err := h.join()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.drop(listener)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	send := func(m []byte) bool {
		_ = control.SetWriteDeadline(time.Now().Add(sendTimeout))
		_, err := w.Write(m)
		return err == nil && control.Flush() == nil
	}
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for m, ok := all, true; ok && send(m); {
		select {
		case m, ok = <-listener:
		case <-alive.C:
			m = []byte(":\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// run returns the record and the directory of a run that the page shows.
func (h *hub) run(section, id string) (runs.Record, string, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, _, ok := h.results.Run(section, id); !ok {
		h.refresh() // nobody may follow the results
	}
	return h.results.Run(section, id)
}
