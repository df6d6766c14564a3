package runs

import (
	"encoding/csv"
	"io"
	"iter"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/jszwec/csvutil"
	"github.com/pkg/errors"
)

// ReadSteps streams the rows of the steps.csv at path. A missing column, a short
// row or a bad number ends it with an error that names file and line.
func ReadSteps(path string) iter.Seq2[StepRow, error] {
	return func(yield func(StepRow, error) bool) {
		run := "" // one copy of a run's name for all its rows, not one line of text each
		for row, err := range readFile[StepRow](path) {
			if row.Run != run {
				run = strings.Clone(row.Run)
			}
			row.Run = run
			if !yield(row, err) {
				return
			}
		}
	}
}

// ReadEpochs reads the epochs.csv at path. It returns the same errors as ReadSteps.
func ReadEpochs(path string) ([]EpochRow, error) { return collect(readFile[EpochRow](path)) }

// ReadLayers reads the layers.csv at path. It returns the same errors as ReadSteps.
func ReadLayers(path string) ([]LayerRow, error) { return collect(readFile[LayerRow](path)) }

// ReadRuns reads the runs.csv at path. It returns the same errors as ReadSteps.
func ReadRuns(path string) ([]RunRow, error) { return collect(readFile[RunRow](path)) }

// ReadPredictions reads the predictions.csv at path. It returns the same
// errors as ReadSteps.
func ReadPredictions(path string) ([]PredictionRow, error) {
	return collect(readFile[PredictionRow](path))
}

type row interface{ required() []string }

func collect[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for row, err := range rows {
		if err != nil {
			return all, err
		}
		all = append(all, row)
	}
	return all, nil
}

func readFile[T row](path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(*new(T), errors.WithStack(err))
			return
		}
		defer f.Close()
		readRows[T](path, f)(yield)
	}
}

// readRows streams the rows of a CSV and finds its columns by name. It stops at the first
// error, which begins with name.
func readRows[T row](name string, r io.Reader) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		lines := csv.NewReader(r)
		lines.ReuseRecord = true
		lines.FieldsPerRecord = -1 // counted by the decoder
		rows, err := newDecoder[T](lines)
		for err == nil {
			var row T
			err = rows.Decode(&row)
			if err == io.EOF {
				return
			}
			if err != nil {
				err = lineError(err, lines, rows)
			} else if !yield(row, nil) {
				return
			}
		}
		yield(*new(T), errors.WithMessage(err, name))
	}
}

func newDecoder[T row](lines *csv.Reader) (*csvutil.Decoder, error) {
	want := strings.Join(Columns[T](), ",")
	rows, err := csvutil.NewDecoder(lines)
	if err == io.EOF {
		return nil, errors.Errorf("line 1: empty file, want the header %q", want)
	}
	if err != nil {
		return nil, errors.Wrap(err, "not a CSV header")
	}
	missing := slices.DeleteFunc((*new(T)).required(), func(name string) bool {
		return slices.Contains(rows.Header(), name)
	})
	if len(missing) > 0 {
		return nil, errors.Errorf("line 1: no column %s; want a file with the header %q", strings.Join(missing, ", "), want)
	}
	return rows, nil
}

func lineError(err error, lines *csv.Reader, rows *csvutil.Decoder) error {
	var cell *csvutil.DecodeError
	var value *csvutil.UnmarshalTypeError
	var parse *csv.ParseError
	switch {
	case errors.Is(err, csvutil.ErrFieldCount):
		line, _ := lines.FieldPos(0)
		return errors.Errorf("line %d: found %d columns, want %d",
			line, len(rows.Record()), len(rows.Header()))
	case errors.As(err, &cell) && errors.As(err, &value):
		return errors.Errorf("line %d: column %s: found %.60q, want %s",
			cell.Line, cell.Field, value.Value, wanted(value.Type.Kind()))
	case errors.As(err, &cell):
		return errors.Errorf("line %d: column %s: found %v", cell.Line, cell.Field, cell.Err)
	case errors.As(err, &parse):
		return errors.Errorf("line %d: %v", parse.Line, parse.Err)
	}
	return errors.WithStack(err)
}

func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	default:
		return "a whole number"
	}
}

// Columns returns the names in the header of a CSV of rows T, in order.
func Columns[T any]() []string {
	var row T
	names, err := csvutil.Header(row, "csv")
	if err != nil {
		panic(err) // T has fields that no cell can hold
	}
	return names
}

// header returns the first line of a CSV of rows T, with its newline.
func header[T any]() string { return strings.Join(Columns[T](), ",") + "\n" }

type rowWriter[T any] struct {
	lines *csv.Writer
	cells *csvutil.Encoder
}

func newRowWriter[T any](w io.Writer) rowWriter[T] {
	lines := csv.NewWriter(w)
	cells := csvutil.NewEncoder(lines)
	cells.AutoHeader = false
	cells.WithMarshalers(csvutil.MarshalFunc(floatCell))
	return rowWriter[T]{lines: lines, cells: cells}
}

func (w rowWriter[T]) write(rows ...T) error {
	for i := range rows {
		if err := w.cells.Encode(&rows[i]); err != nil {
			return errors.Wrap(err, "csv row")
		}
	}
	w.lines.Flush()
	return w.lines.Error()
}

// WriteRows writes a complete CSV with its header, in the format of all CSVs here.
func WriteRows[T any](w io.Writer, rows []T) error {
	if _, err := io.WriteString(w, header[T]()); err != nil {
		return err
	}
	return newRowWriter[T](w).write(rows...)
}

// Cells returns the cells of r in runs.csv.
func (r RunRow) Cells() []string {
	var b strings.Builder
	if err := newRowWriter[RunRow](&b).write(r); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	cells, err := csv.NewReader(strings.NewReader(b.String())).Read()
	if err != nil {
		panic(err) // it was just written
	}
	return cells
}

// floatCell returns the shortest form that reads back as the same number, or NaN, Inf
// or -Inf. pandas, NumPy and strconv.ParseFloat understand all of these.
func floatCell(v float64) ([]byte, error) {
	if math.IsInf(v, 1) {
		return []byte("Inf"), nil
	}
	return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
}
