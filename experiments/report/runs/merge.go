package runs

import (
	"bytes"
	"encoding/csv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	Damage bool   // Path is a file of a finished run and not as the run left it
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
type Merged struct{ Steps, Epochs, Layers, Runs string }

// staleTemp is the age from which a temporary file is taken to have no live writer.
const staleTemp = time.Hour

// Merge writes steps.csv, epochs.csv, layers.csv and runs.csv of experimentDir. They hold
// exactly the runs ids, in that order; a running one is included as far as it has come.
// Files that cannot be read are left out with a warning; a finished run whose files are
// not as it left them is listed as damaged, without figures or curves. The caller must
// hold the lock of experimentDir until everything that depends on the merged files is
// written, so that processes cannot mix their reports.
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
		files.Layers, err = m.write(fsys, filepath.Join(experimentDir, LayersName), func(w io.Writer) error {
			return mergeRows(w, &m, LayersName, func(row LayerRow) string { return row.Run })
		})
	}
	if err == nil {
		files.Runs, err = m.write(fsys, filepath.Join(experimentDir, RunsName), m.writeRuns)
	}
	return files, m.warnings, errors.WithMessage(err, "merge")
}

// MergeAll writes runs.csv of resultsDir: every run of every experiment below it,
// sorted by experiment and run, and once if its directory was copied. Runs that cannot be
// read are left out with a warning. The caller holds the lock of resultsDir.
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
	m.leaveOutCopies()
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
	record, damage := Check(dir)
	m.warnings = append(m.warnings, damage...)
	switch {
	case damage == nil:
	case record.ID == "":
		return
	default:
		record.Status, record.Metrics, record.Timing = StatusDamaged, Metrics{}, Timing{}
	}
	m.found = append(m.found, found{dir, record})
}

// ReadState is ReadRecord with the current status: a run recorded as running that no
// live process has locked was interrupted.
func ReadState(dir string) (Record, error) {
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
	var parts []part
	for _, run := range m.found {
		var b bytes.Buffer
		if err := newRowWriter[RunRow](&b).write(run.record.Row()); err != nil {
			return err
		}
		parts = append(parts, part{rows: b.Bytes(), later: run.record.later})
	}
	return writeParts[RunRow](w, parts)
}

// mergeRows writes a header and the rows of the file name of every run. A run whose
// file holds anything but its own rows is left out with a warning.
func mergeRows[T row](w io.Writer, m *merger, name string, runOf func(T) string) error {
	var parts []part
	for _, run := range m.found {
		if run.record.Status == StatusDamaged {
			continue // said already
		}
		path := filepath.Join(run.dir, name)
		p, err := completeRows(path, run.record, runOf)
		if err != nil {
			m.warnings = append(m.warnings, Warning{Path: path, Reason: err.Error(), Damage: run.record.Status.Ended()})
			continue
		}
		parts = append(parts, p)
	}
	return writeParts[T](w, parts)
}

// part holds the rows of one run for a merged CSV.
type part struct {
	rows  []byte // with the columns of this revision
	later later
}

// later holds the columns that only a later revision knows, with their cells row by row.
// They are kept as they are.
type later struct {
	names []string
	cells [][]string
}

// writeParts writes a CSV with the columns of this revision and then those of a later one
// that any part has; in the others their cells are empty.
func writeParts[T any](w io.Writer, parts []part) error {
	columns := Columns[T]()
	known := len(columns)
	for _, p := range parts {
		for _, name := range p.later.names {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	if _, err := io.WriteString(w, strings.Join(columns, ",")+"\n"); err != nil {
		return err
	}
	for _, p := range parts {
		rows := p.rows
		if len(columns) > known {
			var err error
			if rows, err = p.with(columns[known:]); err != nil {
				return err
			}
		}
		if _, err := w.Write(rows); err != nil {
			return err
		}
	}
	return nil
}

// with returns the rows of p with these columns at their end.
func (p part) with(names []string) ([]byte, error) {
	rows, err := csv.NewReader(bytes.NewReader(p.rows)).ReadAll()
	if err != nil {
		return nil, err
	}
	for i := range rows {
		for _, name := range names {
			cell := ""
			if at := slices.Index(p.later.names, name); at >= 0 {
				cell = p.later.cells[i][at]
			}
			rows[i] = append(rows[i], cell)
		}
	}
	var b bytes.Buffer
	err = csv.NewWriter(&b).WriteAll(rows)
	return b.Bytes(), err
}

// laterColumns returns the columns of a CSV that rows T do not have.
func laterColumns[T any](content []byte) (l later, err error) {
	lines := csv.NewReader(bytes.NewReader(content))
	header, err := lines.Read()
	if err != nil {
		return l, err
	}
	var at []int
	for i, name := range header {
		if !slices.Contains(Columns[T](), name) {
			l.names, at = append(l.names, name), append(at, i)
		}
	}
	for at != nil {
		line, err := lines.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return l, err
		}
		cells := make([]string, len(at))
		for i, column := range at {
			cells[i] = line[column]
		}
		l.cells = append(l.cells, cells)
	}
	return l, nil
}

// completeRows returns the complete, checked rows of the file at path. It omits a last line without a newline,
// which is still being written.
func completeRows[T row](path string, record Record, runOf func(T) string) (part, error) {
	content, err := os.ReadFile(path)
	_, recorded := record.Files[filepath.Base(path)]
	mayLack := record.Status == StatusRunning || record.Status == StatusInterrupted || filepath.Base(path) == LayersName && !recorded
	if mayLack && (errors.Is(err, fs.ErrNotExist) || err == nil && len(content) == 0) {
		return part{}, nil
	}
	if err != nil {
		return part{}, durable.Cause(err)
	}
	content = content[:bytes.LastIndexByte(content, '\n')+1]
	var checked bytes.Buffer
	to := newRowWriter[T](&checked)
	for row, err := range readRows[T](filepath.Base(path), bytes.NewReader(content)) {
		if err != nil {
			return part{}, err
		}
		if run := runOf(row); run != record.ID {
			return part{}, errors.Errorf("a row of run %.100q, want only %s", run, record.ID)
		}
		if err := to.write(row); err != nil {
			return part{}, err
		}
	}
	later, err := laterColumns[T](content)
	return part{checked.Bytes(), later}, err
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
