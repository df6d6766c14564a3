package report

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
)

// Warning is something left out of a merged file, or a file put elsewhere, and why.
type Warning struct {
	Path   string
	Reason string
	Beside string // the file written in place of Path; empty: Path was left out
}

// String is the warning in one line, fit for a terminal.
func (w Warning) String() string {
	if w.Beside != "" {
		return oneLine(w.Reason) // names both files
	}
	return "left out: " + w.reason()
}

// reason is why Path was left out, in one line.
func (w Warning) reason() string { return oneLine(w.Path + ": " + w.Reason) }

// Merged are the files that a merge wrote: beside their places, as WriteFile
// does, where these are in use.
type Merged struct{ Steps, Epochs, Runs string }

// staleTemp is the age at which a temporary file has no living writer.
const staleTemp = time.Hour

// Merge writes steps.csv, epochs.csv and runs.csv of experimentDir: those of
// exactly the runs ids, in that order. It returns where they are. Running runs
// are merged as far as they are; what cannot be read is left out and returned as a
// warning. Merges wait for one another, so that the last to begin, which sees the
// most, is the last to write.
func Merge(experimentDir string, ids []string) (Merged, []Warning, error) {
	return merge(disk{}, experimentDir, ids)
}

func merge(fsys fileSystem, experimentDir string, ids []string) (Merged, []Warning, error) {
	var files Merged
	for _, id := range ids {
		if err := checkID(id); err != nil {
			return files, nil, err
		}
	}
	l, err := lock(experimentDir, mergePatience)
	if err != nil {
		return files, nil, errors.WithMessage(err, "merge")
	}
	defer l.Close()
	removeTemps(experimentDir, staleTemp)

	var m merger
	for _, id := range ids {
		m.add(RunDir(experimentDir, id))
	}
	for _, merged := range []struct {
		name  string
		path  *string
		write func(io.Writer) error
	}{
		{stepsName, &files.Steps, func(w io.Writer) error { return mergeRows(w, &m, stepsName, stepRun) }},
		{epochsName, &files.Epochs, func(w io.Writer) error { return mergeRows(w, &m, epochsName, epochRun) }},
		{runsName, &files.Runs, func(w io.Writer) error { return WriteRows(w, m.rows()) }},
	} {
		if *merged.path, err = m.write(fsys, filepath.Join(experimentDir, merged.name), merged.write); err != nil {
			return files, m.warnings, errors.WithMessage(err, "merge")
		}
	}
	return files, m.warnings, nil
}

func stepRun(row StepRow) string { return row.Run }

func epochRun(row EpochRow) string { return row.Run }

// merger gathers runs and what is to be said of them.
type merger struct {
	runs     []foundRun
	warnings []Warning
}

type foundRun struct {
	dir    string
	record Record
}

// add takes the run of directory dir in, or a warning why not.
func (m *merger) add(dir string) {
	record, err := readState(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m.warn(dir, errors.New("not started: no "+recordName))
	case err != nil:
		m.warn(dir, err)
	default:
		m.runs = append(m.runs, foundRun{dir, record})
	}
}

func (m *merger) warn(path string, err error) {
	m.warnings = append(m.warnings, Warning{Path: path, Reason: err.Error()})
}

// write replaces the file at path, or makes a warning of having written beside
// it, and returns the path of the file written.
func (m *merger) write(fsys fileSystem, path string, write func(io.Writer) error) (string, error) {
	err := writeBeside(fsys, path, write)
	var beside *WrittenBeside
	if errors.As(err, &beside) {
		m.warnings = append(m.warnings, Warning{Path: path, Reason: err.Error(), Beside: beside.Beside})
		return beside.Beside, nil
	}
	return path, err
}

func (m *merger) rows() []RunRow {
	rows := make([]RunRow, len(m.runs))
	for i, run := range m.runs {
		rows[i] = run.record.row()
	}
	return rows
}

// mergeRows writes a header and the rows of the file name of every run. A run
// whose file is not wholly its own rows is left out with a warning.
func mergeRows[T any](w io.Writer, m *merger, name string, runOf func(T) string) error {
	if _, err := io.WriteString(w, header[T]()); err != nil {
		return err
	}
	for _, run := range m.runs {
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

// completeRows is the text of the complete, checked rows of the file at path,
// without its header. A last line without its end is being written: left out.
func completeRows[T any](path string, record Record, runOf func(T) string) ([]byte, error) {
	text, err := os.ReadFile(path)
	starting := record.Status == StatusRunning || record.Status == StatusInterrupted
	if starting && (errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0) {
		return nil, nil
	}
	if err != nil {
		return nil, cause(err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for row, err := range readRows[T](filepath.Base(path), bytes.NewReader(text)) {
		if err != nil {
			return nil, err
		}
		if run := runOf(row); run != record.ID {
			return nil, errors.Errorf("a row of run %.100q, want %s alone", run, record.ID)
		}
	}
	_, rows, _ := bytes.Cut(text, []byte("\n"))
	return rows, nil
}
