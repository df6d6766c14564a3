package report

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/jszwec/csvutil"
	"github.com/pkg/errors"
)

// columns are the names in the header of a CSV of rows T, in order.
func columns[T any]() []string {
	var row T
	names, err := csvutil.Header(row, "csv")
	if err != nil {
		panic(err) // a row type of this package that cannot be a row
	}
	return names
}

// header is the first line of a CSV of rows T, with its newline.
func header[T any]() string { return strings.Join(columns[T](), ",") + "\n" }

// rowWriter writes rows T as lines of CSV, without a header.
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

// write hands the lines of rows to the underlying writer.
func (w rowWriter[T]) write(rows ...T) error {
	for i := range rows {
		if err := w.cells.Encode(&rows[i]); err != nil {
			return errors.Wrap(err, "csv row")
		}
	}
	w.lines.Flush()
	return w.lines.Error()
}

// WriteRows writes a whole CSV, header included: every CSV of this project has
// this form.
func WriteRows[T any](w io.Writer, rows []T) error {
	if _, err := io.WriteString(w, header[T]()); err != nil {
		return err
	}
	return newRowWriter[T](w).write(rows...)
}

// floatCell is the shortest form that reads back as the same number, and NaN,
// Inf or -Inf: what pandas, NumPy and strconv.ParseFloat understand.
func floatCell(v float64) ([]byte, error) {
	if math.IsInf(v, 1) {
		return []byte("Inf"), nil
	}
	return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
}
