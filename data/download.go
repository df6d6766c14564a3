package data

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// download fetches files from the mirrors into dir. Each takes its final name
// only when its checksum is right; until then it is a .part, which the next
// download, of this process or a later one, goes on from.
func (l *loader) download(ctx context.Context, s *source, mirrors []string, files []file, dir string, log io.Writer) error {
	var total int64
	for _, f := range files {
		total += f.size
	}
	if total == 0 {
		return nil
	}
	fmt.Fprintf(log, "downloading %s, %s, from %s into %s\n", s.title, amount(total), host(mirrors[0]), dir)
	shown := newProgress(log, s.name, total)
	for _, f := range files {
		if err := l.fetch(ctx, mirrors, f, dir, shown); err != nil {
			shown.end("")
			return err
		}
		shown.file(f.size)
	}
	shown.end("downloaded and checked")
	return nil
}

// fetch downloads one file from the first mirror that gives it whole and right.
// What one mirror gave before it broke off, the next goes on from.
func (l *loader) fetch(ctx context.Context, mirrors []string, f file, dir string, shown *progress) error {
	p, err := openPart(l.disk, filepath.Join(dir, f.name), f.size, f.sha256)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.resume(); err != nil {
		return err
	}
	var reasons []string
	for _, mirror := range mirrors {
		err := l.fromMirror(ctx, mirror+f.name, p, shown)
		if err == nil {
			return p.commit()
		}
		if ctx.Err() != nil || errors.As(err, new(diskError)) {
			return err
		}
		shown.say("%s", err)
		reasons = append(reasons, err.Error())
	}
	return errors.Errorf("%s: %d of %d bytes downloaded, no mirror gave it whole and right (%s); the same command continues the download",
		f.name, p.have, f.size, strings.Join(reasons, "; "))
}

// fromMirror tries one mirror, twice only if the fault may lie in the bytes that
// were here before.
func (l *loader) fromMirror(ctx context.Context, url string, p *part, shown *progress) error {
	p.inherited = p.have
	for {
		if p.have < p.size {
			// An answer that hangs when all is there does no harm.
			if err := l.transfer(ctx, url, p, shown); err != nil && p.have != p.size {
				return err
			}
		}
		wrong := p.verify()
		if wrong == nil {
			return nil
		}
		inherited := p.inherited
		if err := p.restart(); err != nil {
			return err
		}
		if inherited == 0 {
			return errors.WithMessage(wrong, url)
		}
		shown.say("%s: %s, after %d bytes of an earlier download; starting anew", url, wrong, inherited)
	}
}

// host is the part of a URL that tells people where it leads.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}
