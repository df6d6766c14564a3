package runs

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/text"
)

// RunsName is the table of runs, of an experiment or of all results.
const RunsName = "runs.csv"

// Warning is a file left out of a merge, or written elsewhere, and why.
type Warning struct {
	Path   string
	Reason string
	Beside string // the file written in place of Path; empty: Path was left out
}

// String returns the warning in one line, safe for a terminal.
func (w Warning) String() string {
	if w.Beside != "" {
		return text.Line(w.Reason) // names both files
	}
	return "left out: " + w.Detail()
}

// Detail returns the path and the reason in one line.
func (w Warning) Detail() string { return text.Line(w.Path + ": " + w.Reason) }

// Merged holds the paths of the merged files. If a file could not be replaced, its path
// is that of the new file beside it.
type Merged struct{ Steps, Epochs, Runs string }

// staleTemp is the age from which a temporary file is taken to have no live writer.
const staleTemp = time.Hour

// Merge writes steps.csv, epochs.csv and runs.csv of experimentDir. They hold exactly
// the runs ids, in that order; a running one is included as far as it has come. Files
// that cannot be read are left out with a warning. The caller must hold the lock of
// experimentDir until everything that depends on the merged files is written, so that
// processes cannot mix their reports.
func Merge(experimentDir string, ids []string) (Merged, []Warning, error) {
	return merge(durable.Disk{}, experimentDir, ids)
}

func merge(fsys durable.FS, experimentDir string, ids []string) (Merged, []Warning, error) {
	var files Merged
	for _, id := range ids {
		if err := CheckName(id); err != nil {
			return files, nil, err
		}
	}
	durable.RemoveTemps(experimentDir, staleTemp)
	var m merger
	for _, id := range ids {
		m.add(Path(experimentDir, id))
	}
	var err error
	files.Steps, err = m.write(fsys, filepath.Join(experimentDir, StepsName), func(w io.Writer) error {
		return mergeRows(w, &m, StepsName, func(row StepRow) string { return row.Run })
	})
	if err == nil {
		files.Epochs, err = m.write(fsys, filepath.Join(experimentDir, EpochsName), func(w io.Writer) error {
			return mergeRows(w, &m, EpochsName, func(row EpochRow) string { return row.Run })
		})
	}
	if err == nil {
		files.Runs, err = m.write(fsys, filepath.Join(experimentDir, RunsName), m.writeRuns)
	}
	return files, m.warnings, errors.WithMessage(err, "merge")
}

// MergeAll writes runs.csv of resultsDir: every run of every experiment below it,
// sorted by experiment and run. Runs that cannot be read are left out with a
// warning. The caller holds the lock of resultsDir.
func MergeAll(resultsDir string) ([]Warning, error) { return mergeAll(durable.Disk{}, resultsDir) }

func mergeAll(fsys durable.FS, resultsDir string) ([]Warning, error) {
	durable.RemoveTemps(resultsDir, staleTemp)
	experiments, err := Subdirs(resultsDir)
	if err != nil {
		return nil, errors.Wrap(err, "merge all")
	}
	var m merger
	for _, experiment := range experiments {
		dirs, err := Subdirs(filepath.Join(experiment, "runs"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			m.warn(filepath.Join(experiment, "runs"), durable.Cause(err))
		}
		for _, dir := range dirs {
			m.add(dir)
		}
	}
	_, err = m.write(fsys, filepath.Join(resultsDir, RunsName), m.writeRuns)
	return m.warnings, errors.WithMessage(err, "merge all")
}

type merger struct {
	found    []found
	warnings []Warning
}

type found struct {
	dir    string
	record Record
}

func (m *merger) add(dir string) {
	record, err := readState(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m.warn(dir, errors.New("not started: no "+recordName))
	case err != nil:
		m.warn(dir, err)
	default:
		m.found = append(m.found, found{dir, record})
	}
}

// readState is ReadRecord with the current status: a run recorded as running that no
// live process has locked was interrupted.
func readState(dir string) (Record, error) {
	record, err := ReadRecord(dir)
	if err != nil || record.Status != StatusRunning || durable.Held(dir) {
		return record, err
	}
	// The run may have ended after its record was read and before its lock was tested.
	record, err = ReadRecord(dir)
	if err == nil && record.Status == StatusRunning {
		record.Status = StatusInterrupted
	}
	return record, err
}

func (m *merger) warn(path string, err error) {
	m.warnings = append(m.warnings, Warning{Path: path, Reason: err.Error()})
}

// write replaces the file at path or, with a warning, writes a new file beside it. It
// returns the path of the file written.
func (m *merger) write(fsys durable.FS, path string, write func(io.Writer) error) (string, error) {
	err := durable.WriteFileOrBeside(fsys, path, write)
	var beside *durable.WrittenBeside
	if errors.As(err, &beside) {
		m.warnings = append(m.warnings, Warning{Path: path, Reason: err.Error(), Beside: beside.Beside})
		return beside.Beside, nil
	}
	return path, err
}

func (m *merger) writeRuns(w io.Writer) error {
	rows := make([]RunRow, len(m.found))
	for i, run := range m.found {
		rows[i] = run.record.Row()
	}
	return WriteRows(w, rows)
}

// mergeRows writes a header and the rows of the file name of every run. A run whose
// file holds anything but its own rows is left out with a warning.
func mergeRows[T row](w io.Writer, m *merger, name string, runOf func(T) string) error {
	if _, err := io.WriteString(w, header[T]()); err != nil {
		return err
	}
	for _, run := range m.found {
		path := filepath.Join(run.dir, name)
		rows, err := completeRows(path, run.record, runOf)
		if err != nil {
			m.warn(path, err)
			continue
		}
		if _, err := w.Write(rows); err != nil {
			return err
		}
	}
	return nil
}

// completeRows returns the text of the complete, checked rows of the file at path, with
// the current columns and without a header. It omits a last line without a newline,
// which is still being written.
func completeRows[T row](path string, record Record, runOf func(T) string) ([]byte, error) {
	content, err := os.ReadFile(path)
	unfinished := record.Status == StatusRunning || record.Status == StatusInterrupted
	if unfinished && (errors.Is(err, fs.ErrNotExist) || err == nil && len(content) == 0) {
		return nil, nil
	}
	if err != nil {
		return nil, durable.Cause(err)
	}
	content = content[:bytes.LastIndexByte(content, '\n')+1]
	var checked bytes.Buffer
	to := newRowWriter[T](&checked)
	for row, err := range readRows[T](filepath.Base(path), bytes.NewReader(content)) {
		if err != nil {
			return nil, err
		}
		if run := runOf(row); run != record.ID {
			return nil, errors.Errorf("a row of run %.100q, want only %s", run, record.ID)
		}
		if err := to.write(row); err != nil {
			return nil, err
		}
	}
	return checked.Bytes(), nil
}

// Subdirs returns the paths of the directories in dir, sorted by name, without links.
func Subdirs(dir string) ([]string, error) {
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
