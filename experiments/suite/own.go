package suite

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/data/durable"
	"cnnlab/experiments/report/text"
)

// readOwn reads the user's images, if -dataset is a path, and says what it found. The
// options that it returns have the set's name in place of the path.
func (o Options) readOwn(ctx context.Context, stderr io.Writer) (Options, *data.Dataset, error) {
	if !data.IsOwn(o.Dataset) {
		if o.Own != (data.OwnOptions{}) {
			return o, nil, Usagef("-size, -transpose and -skip-broken are for your own images: -dataset PATH")
		}
		return o, nil, nil
	}
	set, notes, err := data.LoadOwn(ctx, o.Dataset, o.Own)
	if err != nil {
		return o, nil, err
	}
	for i, note := range notes {
		if i == 0 {
			note = fmt.Sprintf("%s: %s", o.Dataset, note)
		}
		fmt.Fprintln(stderr, text.Wrap(text.Line(note), text.Columns(stderr)))
	}
	o.Dataset = set.Name
	return o, set, o.keepSources(set)
}

// keepSources compares the user's images with those that this results directory was begun
// with, and keeps their list where it is the first. Images that have changed would make
// runs that cannot be compared.
func (o Options) keepSources(set *data.Dataset) error {
	dir, err := makeDir(o.Out, "datasets")
	if err != nil {
		return err
	}
	now := data.OwnSources(set.Name)
	slices.SortFunc(now, func(a, b data.Source) int { return compareSources(a, b) })
	path := filepath.Join(dir, set.Name+".csv")
	before, err := readSources(path)
	if errors.Is(err, fs.ErrNotExist) || o.Fresh {
		return durable.WriteFile(durable.Disk{}, path, func(w io.Writer) error { return writeSources(w, now) })
	}
	if err != nil {
		return err
	}
	what := ""
	for i := range max(len(now), len(before)) {
		switch {
		case i < len(now) && i < len(before) && now[i] == before[i]:
			continue
		case i < len(now) && i < len(before) && compareSources(now[i], before[i]) == 0:
			what = fmt.Sprintf("%s (%s) has changed", now[i].Name, now[i].Split)
		case i >= len(before) || i < len(now) && compareSources(now[i], before[i]) < 0:
			what = fmt.Sprintf("%s (%s) is new", now[i].Name, now[i].Split)
		default:
			what = fmt.Sprintf("%s (%s) is gone", before[i].Name, before[i].Split)
		}
		break
	}
	if what == "" {
		return nil
	}
	return errors.Errorf("%s is not what the runs in %s were trained on: %s; use another -out, or -fresh, which trains them again", set.Name, o.Out, what)
}

func compareSources(a, b data.Source) int {
	return slices.Compare([]string{a.Split, a.Name}, []string{b.Split, b.Name})
}

func readSources(path string) (all []data.Source, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, errors.Wrap(err, path)
	}
	for _, row := range rows[min(1, len(rows)):] {
		if len(row) != 3 {
			return nil, errors.Errorf("%s: found %d columns, want 3", path, len(row))
		}
		all = append(all, data.Source{Split: row[0], Name: row[1], SHA256: row[2]})
	}
	return all, nil
}

func writeSources(w io.Writer, all []data.Source) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"split", "image", "sha256"})
	for _, s := range all {
		_ = c.Write([]string{s.Split, s.Name, s.SHA256})
	}
	c.Flush()
	return c.Error()
}
