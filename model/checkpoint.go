package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"

	"cnnlab/model/internal/kernel"
)

const checkpointFormat = "cnnlab checkpoint 1"

// maxHeader is the largest allowed header of a checkpoint, in bytes.
const maxHeader = 1 << 20

// ErrOtherArithmetic marks the error for a checkpoint that other kernels computed:
// continuing from it would not give the bits of an uninterrupted training.
var ErrOtherArithmetic = errors.New("other arithmetic")

// Checkpoint is the state of a training after a step, as read from a file.
type Checkpoint struct {
	Step       int               // steps made
	FirstLoss  float64           // loss of the first step, in nats
	SmoothLoss float64           // moving average of the losses, by which divergence is noticed
	Arithmetic string            // kernels and architecture that computed it: "avx2 on amd64"
	Meta       map[string]string // all metadata, including the caller's

	tensors map[string]*safetensors.TensorInfo
	data    []byte
}

// platform names what the bits depend on besides the configuration.
func platform() string { return kernel.Name() + " on " + runtime.GOARCH }

// WriteCheckpoint writes everything that the next steps depend on as a safetensors
// file. The tensors are the weights in training, under the names and in the layouts of
// Network.WriteWeights, and the solver's state, under the same names with the prefix
// "velocity.", "m.", "v." or "average.". The metadata are format, step, first_loss,
// smooth_loss, kernel, sha256 and the entries of extra, which must have other names. The SHA-256 is
// that of the whole file, including the header, with its own 64 hexadecimal digits
// replaced by zeros. The header, including extra, must fit in 1 MiB.
func (t *Trainer) WriteCheckpoint(w io.Writer, extra map[string]string) error {
	file, err := t.checkpoint(extra)
	if err == nil {
		_, err = w.Write(file)
	}
	return errors.WithMessage(err, "checkpoint")
}

func (t *Trainer) checkpoint(extra map[string]string) ([]byte, error) {
	own, err := t.tensors()
	if err != nil {
		return nil, err
	}
	views, err := own.views()
	if err != nil {
		return nil, err
	}
	meta := map[string]string{
		"format": checkpointFormat, "kernel": platform(), "sha256": noDigits,
		"step":       strconv.Itoa(t.steps),
		"first_loss": strconv.FormatFloat(t.loss.first, 'g', -1, 64), "smooth_loss": strconv.FormatFloat(t.loss.smooth, 'g', -1, 64),
	}
	for key, value := range extra {
		if _, ok := meta[key]; ok {
			return nil, errors.Errorf("%q is metadata of its own, want another name", key)
		}
		meta[key] = value
	}
	file, err := safetensors.Serialize(views, meta)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(file); err != nil {
		return nil, err
	}
	return file, seal(file)
}

// noDigits stands in for the checksum while it is computed.
var noDigits = strings.Repeat("0", hex.EncodedLen(sha256.Size))

// checksumKey precedes the digits of the checksum. Inside any other string of the header
// its quotes would be escaped, so it occurs only once.
const checksumKey = `"sha256":"`

func seal(file []byte) error {
	digits, sum, err := checksum(file)
	if err == nil {
		hex.Encode(digits, sum[:])
	}
	return err
}

// checksum returns the part of the file that holds the digits, and the sum that the
// digits should state.
func checksum(file []byte) (digits []byte, sum [sha256.Size]byte, err error) {
	at := bytes.Index(file[:min(len(file), 8+maxHeader)], []byte(checksumKey)) + len(checksumKey)
	end := at + len(noDigits)
	if at < len(checksumKey) || end > len(file) {
		return nil, sum, errors.Errorf("no checksum in its first %d bytes", min(len(file), 8+maxHeader))
	}
	h := sha256.New()
	h.Write(file[:at])
	h.Write([]byte(noDigits))
	h.Write(file[end:])
	h.Sum(sum[:0])
	return file[at:end], sum, nil
}

func checkHeader(file []byte) error {
	if n := binary.LittleEndian.Uint64(file); n > maxHeader {
		return errors.Errorf("a header of %d bytes, want at most %d", n, maxHeader)
	}
	return nil
}

// ParseCheckpoint parses a checkpoint. Its tensors are not copied out of file. It checks
// the checksum before it trusts anything else.
func ParseCheckpoint(file []byte) (*Checkpoint, error) {
	c, err := parseCheckpoint(file)
	return c, errors.WithMessage(err, "checkpoint")
}

func parseCheckpoint(file []byte) (*Checkpoint, error) {
	digits, sum, err := checksum(file)
	if err != nil {
		return nil, err
	}
	if found := string(digits); found != hex.EncodeToString(sum[:]) {
		return nil, errors.Errorf("SHA-256 %x, want %.64q, which it states: truncated or changed", sum, found)
	}
	if err := checkHeader(file); err != nil {
		return nil, err
	}
	header, meta, err := safetensors.ReadMetadata(file)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	c := &Checkpoint{Meta: meta.Metadata(), tensors: meta.Tensors(), data: file[8+header:]}
	if found := c.Meta["format"]; found != checkpointFormat {
		return nil, errors.Errorf("format %.40q, want %q", found, checkpointFormat)
	}
	c.Arithmetic = c.Meta["kernel"]
	if c.Step, err = strconv.Atoi(c.Meta["step"]); err != nil || c.Step < 0 {
		return nil, errors.Errorf("step %.40q, want a whole number from 0", c.Meta["step"])
	}
	c.FirstLoss, err = strconv.ParseFloat(c.Meta["first_loss"], 64)
	if err != nil || !(c.FirstLoss >= 0 && c.FirstLoss <= math.MaxFloat64) {
		return nil, errors.Errorf("first_loss %.40q, want a number from 0", c.Meta["first_loss"])
	}
	c.SmoothLoss = c.FirstLoss // of earlier revisions, which looked at single steps
	if smooth, ok := c.Meta["smooth_loss"]; ok {
		if c.SmoothLoss, err = strconv.ParseFloat(smooth, 64); err != nil || !(c.SmoothLoss >= 0 && c.SmoothLoss <= math.MaxFloat64) {
			return nil, errors.Errorf("smooth_loss %.40q, want a number from 0", smooth)
		}
	}
	return c, nil
}

// Restore sets the trainer to the state in the checkpoint. The tensors must be exactly
// those of its network and solver, the weights finite and the solver's state free of
// NaN; otherwise nothing changes. The error is ErrOtherArithmetic if everything but
// the arithmetic fits.
func (t *Trainer) Restore(c *Checkpoint) error {
	own, err := t.tensors()
	var read map[string][]float32
	if err == nil {
		read, err = own.read(c.tensors, c.data)
	}
	if err != nil {
		return errors.WithMessage(err, "checkpoint")
	}
	if c.Arithmetic != platform() {
		return errors.Wrapf(ErrOtherArithmetic, "checkpoint: written by %.60q, but this machine uses %q, which may round differently", c.Arithmetic, platform())
	}
	own.set(read)
	t.steps, t.loss = c.Step, lossWatch{c.FirstLoss, c.SmoothLoss}
	t.solver.(stateful).resume(c.Step)
	return nil
}

// CheckpointLimit returns an upper bound on the bytes of a checkpoint of this training.
func (t *Trainer) CheckpointLimit() int64 {
	return 8 + maxHeader + 4*int64(t.net.Parameters())*maxSlots
}
