// Package tensorboard writes event files, which TensorBoard reads: the curves of a run,
// its hyper-parameters, and pictures.
package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"cnnlab/experiments/report/runs"
)

// message is a protocol buffer as it grows. Field numbers are those of event.proto,
// summary.proto and the plugin data of hparams in TensorBoard 2.
type message []byte

func (m *message) number(field protowire.Number, v uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), v)
}

func (m *message) double(field protowire.Number, v float64) {
	*m = protowire.AppendFixed64(protowire.AppendTag(*m, field, protowire.Fixed64Type), math.Float64bits(v))
}

func (m *message) float(field protowire.Number, v float64) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(float32(v)))
}

func (m *message) bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

func (m *message) text(field protowire.Number, s string) { m.bytes(field, []byte(s)) }

// Writer writes the events of one file.
type Writer struct {
	to  io.Writer
	err error
}

// NewWriter begins a file of events.
func NewWriter(w io.Writer, at time.Time) *Writer {
	e := &Writer{to: w}
	var m message
	m.double(1, seconds(at))
	m.text(3, "brain.Event:2")
	e.record(m)
	return e
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// Err returns the first error of all writes.
func (w *Writer) Err() error { return w.err }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// mask is the checksum of TensorFlow's records.
func mask(b []byte) uint32 {
	sum := crc32.Checksum(b, castagnoli)
	return (sum>>15 | sum<<17) + 0xA282EAD8
}

// record writes one record: its length and its content, each with a checksum.
func (w *Writer) record(m message) {
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(m)))
	b := binary.LittleEndian.AppendUint32(size, mask(size[:8]))
	b = append(b, m...)
	b = binary.LittleEndian.AppendUint32(b, mask(m))
	if w.err == nil {
		_, w.err = w.to.Write(b)
	}
}

// value writes an event with one value of a summary.
func (w *Writer) value(at time.Time, step int, value message) {
	var summary, event message
	summary.bytes(1, value)
	event.double(1, seconds(at))
	event.number(2, uint64(step))
	event.bytes(5, summary)
	w.record(event)
}

// Scalar writes a number at a step.
func (w *Writer) Scalar(at time.Time, step int, tag string, v float64) {
	var m message
	m.text(1, tag)
	m.float(2, v)
	w.value(at, step, m)
}

// Picture writes a PNG.
func (w *Writer) Picture(at time.Time, tag string, content []byte) {
	config, err := png.DecodeConfig(strings.NewReader(string(content)))
	if err != nil {
		return // no picture
	}
	const rgb = 3
	var image, m message
	image.number(1, uint64(config.Height))
	image.number(2, uint64(config.Width))
	image.number(3, rgb)
	image.bytes(4, content)
	m.text(1, tag)
	m.bytes(4, image)
	w.value(at, 0, m)
}

// hparams writes plugin data of the hparams dashboard.
func (w *Writer) hparams(at time.Time, tag string, content message) {
	var plugin, metadata, m message
	plugin.text(1, "hparams")
	plugin.bytes(2, content)
	metadata.bytes(1, plugin)
	m.text(1, tag)
	m.bytes(9, metadata)
	w.value(at, 0, m)
}

// begin writes the hyper-parameters, as numbers where they are numbers.
func (w *Writer) begin(record runs.Record) {
	var start message
	cells := record.Row().Cells()
	columns := runs.Columns[runs.RunRow]()
	own := runs.Columns[runs.Config]()
	for i, column := range columns {
		if !slices.Contains(own, column) {
			continue
		}
		var value, entry message
		if v, ok := number(cells[i]); ok {
			value.double(2, v)
		} else {
			value.text(3, cells[i])
		}
		entry.text(1, column)
		entry.bytes(2, value)
		start.bytes(1, entry)
	}
	start.double(5, seconds(record.Started))
	var content message
	content.bytes(3, start)
	w.hparams(record.Started, "_hparams_/session_start_info", content)
}

// end says how the run ended.
func (w *Writer) end(record runs.Record, at time.Time) {
	const success, failure, running = 1, 2, 3
	status := uint64(failure)
	switch record.Status {
	case runs.StatusDone:
		status = success
	case runs.StatusRunning, runs.StatusInterrupted:
		status = running
	}
	var end, content message
	end.number(1, status)
	end.double(2, seconds(at))
	content.bytes(4, end)
	w.hparams(at, "_hparams_/session_end_info", content)
}
