package report

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// readState is ReadRecord with the status as it is now: what is recorded as
// running but locked by no live process was interrupted.
func readState(dir string) (Record, error) {
	record, err := ReadRecord(dir)
	if err != nil || record.Status != StatusRunning || held(dir) {
		return record, err
	}
	// It may have ended between the look at its record and that at its lock.
	record, err = ReadRecord(dir)
	if err == nil && record.Status == StatusRunning {
		record.Status = StatusInterrupted
	}
	return record, err
}

// MergeAll writes runs.csv of resultsDir: every run that there is in any
// experiment's directory below it, sorted by experiment and run. Those that
// cannot be read are left out and returned as warnings.
func MergeAll(resultsDir string) ([]Warning, error) { return mergeAll(disk{}, resultsDir) }

func mergeAll(fsys fileSystem, resultsDir string) ([]Warning, error) {
	l, err := lock(resultsDir, mergePatience)
	if err != nil {
		return nil, errors.WithMessage(err, "merge all")
	}
	defer l.Close()
	removeTemps(resultsDir, staleTemp)

	experiments, err := subdirs(resultsDir)
	if err != nil {
		return nil, errors.Wrap(err, "merge all")
	}
	var m merger
	for _, experiment := range experiments {
		runs, err := subdirs(filepath.Join(experiment, "runs"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			m.warn(filepath.Join(experiment, "runs"), cause(err))
		}
		for _, run := range runs {
			m.add(run)
		}
	}
	_, err = m.write(fsys, filepath.Join(resultsDir, runsName), func(w io.Writer) error { return WriteRows(w, m.rows()) })
	return m.warnings, errors.WithMessage(err, "merge all")
}

// subdirs are the paths of the directories in dir, sorted by name. Links to
// directories are none.
func subdirs(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, entry := range entries {
		if entry.IsDir() {
			dirs = append(dirs, filepath.Join(dir, entry.Name()))
		}
	}
	return dirs, nil
}
