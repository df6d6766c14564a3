package data

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"
)

func TestLockIsWaitedForUntilCancelled(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lock(t.Context(), disk{}, dir, new(bytes.Buffer))
	must(t, err)
	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = lock(ctx, disk{}, dir, &log); err == nil {
		t.Fatal("a lock that is held was given away")
	}
	wantError(t, errors.New(log.String()), "another process writes into "+dir)
	unlock()
	unlock, err = lock(t.Context(), disk{}, dir, &log)
	must(t, err)
	unlock()
}
