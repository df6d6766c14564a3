package own

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"cnnlab/data/durable"
)

// kept is how many decoded folders stay in the cache.
const kept = 4

// cacheFile returns the file of the cache for these pictures, which is another one as soon
// as one of them changes its size or time; "" without a cache.
func (o Options) cacheFile(dir string, pictures []*picture) string {
	if o.Cache == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, dir, o.Size, o.SkipBroken)
	for _, p := range pictures {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(p.name)))
		if err != nil {
			return ""
		}
		fmt.Fprintln(h, p.name, p.test, info.Size(), info.ModTime().UnixNano())
	}
	return filepath.Join(o.Cache, durable.Sum(h)+".gob")
}

// cached returns the set in a file of the cache; nil if there is none that can be read.
func cached(path string) *Set {
	content, err := durable.ReadFile(path, maxFile)
	if path == "" || err != nil {
		return nil
	}
	s := new(Set)
	sum := sha256.Sum256(content[min(sha256.Size, len(content)):])
	if !bytes.HasPrefix(content, sum[:]) || gob.NewDecoder(bytes.NewReader(content[sha256.Size:])).Decode(s) != nil {
		return nil
	}
	return s
}

// keep writes the set into the cache and removes what is old. A cache that cannot be
// written is done without.
func (s *Set) keep(path string) {
	var b bytes.Buffer
	if path == "" || os.MkdirAll(filepath.Dir(path), 0o777) != nil || gob.NewEncoder(&b).Encode(s) != nil {
		return
	}
	sum := sha256.Sum256(b.Bytes())
	_ = durable.WriteFile(durable.Disk{}, path, func(w io.Writer) error {
		_, err := w.Write(append(sum[:], b.Bytes()...))
		return err
	})
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.gob"))
	age := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(age(b), age(a)) })
	for _, old := range files[min(kept, len(files)):] {
		_ = os.Remove(old)
	}
}
