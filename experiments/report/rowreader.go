package report

import (
	"encoding/csv"
	"io"
	"iter"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/jszwec/csvutil"
	"github.com/pkg/errors"
)

// Steps streams the rows of the steps.csv at path. A foreign header, a short
// row or a bad number ends it with an error naming file and line.
func Steps(path string) iter.Seq2[StepRow, error] {
	return func(yield func(StepRow, error) bool) {
		run := "" // one copy of a run's name for all its rows, not one line of text each
		for row, err := range fileRows[StepRow](path) {
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

// ReadEpochs reads the epochs.csv at path. Its errors are those of Steps.
func ReadEpochs(path string) ([]EpochRow, error) { return collect(fileRows[EpochRow](path)) }

// ReadRuns reads the runs.csv at path. Its errors are those of Steps.
func ReadRuns(path string) ([]RunRow, error) { return collect(fileRows[RunRow](path)) }

// ReadPredictions reads the predictions.csv at path. Its errors are those of
// Steps.
func ReadPredictions(path string) ([]PredictionRow, error) {
	return collect(fileRows[PredictionRow](path))
}

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

func fileRows[T any](path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		f, err := os.Open(path)
		if err != nil {
			yield(none, errors.Wrap(err, "report"))
			return
		}
		defer f.Close()
		for row, err := range readRows[T](path, f) {
			if !yield(row, err) {
				return
			}
		}
	}
}

// readRows streams the rows of a CSV of rows T; name stands in its errors,
// the first of which is the last thing yielded.
func readRows[T any](name string, r io.Reader) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		lines := csv.NewReader(r)
		lines.ReuseRecord = true
		lines.FieldsPerRecord = -1 // counted by the decoder
		if err := checkHeader[T](lines); err != nil {
			yield(none, errors.WithMessage(err, name))
			return
		}
		rows, err := csvutil.NewDecoder(lines, columns[T]()...)
		if err != nil {
			yield(none, errors.WithMessage(err, name))
			return
		}
		for {
			var row T
			err := rows.Decode(&row)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(none, errors.WithMessage(lineError(err, lines, rows), name))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// checkHeader reads the first line and wants it to be that of rows T.
func checkHeader[T any](lines *csv.Reader) error {
	want := columns[T]()
	got, err := lines.Read()
	if err == io.EOF {
		return errors.Errorf("line 1: empty file, want the header %q", strings.Join(want, ","))
	}
	if err != nil {
		return errors.Wrap(err, "not a CSV header")
	}
	if !slices.Equal(got, want) {
		return errors.Errorf("line 1: found the header %.200q, want %q",
			strings.Join(got, ","), strings.Join(want, ","))
	}
	return nil
}

// lineError says in which line and column what was found and what was wanted.
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

// wanted is a kind of cell in words.
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
