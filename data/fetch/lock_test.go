package fetch

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"
)

func TestLockIsWaitedForUntilCancelled(t *testing.T) {
	dir := t.TempDir()
	l, _ := testLoader(t)
	l.log = new(bytes.Buffer)
	lock, err := l.lock(t.Context(), dir)
	must(t, err)
	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	l.log = &log
	if _, err = l.lock(ctx, dir); err == nil {
		t.Fatal("a lock that is held was given away")
	}
	wantError(t, errors.New(log.String()), "another process is writing into "+dir)
	must(t, lock.Release())
	lock, err = l.lock(t.Context(), dir)
	must(t, err)
	must(t, lock.Release())
}
