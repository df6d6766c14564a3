package runs

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// FileSum identifies the content of a file.
type FileSum struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// StatusDamaged is shown for a run that is done or diverged, but whose files are no
// longer those that it wrote. It is never stored in a record.
const StatusDamaged Status = "damaged"

// ended are the files of a run that has ended, in the order in which they are checked.
// A diverged run has no predictions and no weights; runs of earlier revisions have no
// layers.csv, and snapshots are rare.
var ended = []string{StepsName, EpochsName, LayersName, SnapshotsName, PredictionsName, WeightsName}

// sums returns the sums of the files that a run has written.
func (d *Dir) sums() (map[string]FileSum, error) {
	all := make(map[string]FileSum)
	for _, name := range ended {
		sum, err := sumFile(filepath.Join(d.path, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			all[name] = sum
		}
	}
	return all, nil
}

func sumFile(path string) (FileSum, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return FileSum{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return FileSum{n, durable.Sum(h)}, err
}

// Damage is a file of a run that is not as the run left it.
type Damage struct{ Name, Reason string }

// Damage returns the files in the run's directory dir that are not those that the run
// wrote before it ended. Nothing is reported for runs that have not
// ended, or for records of earlier revisions, which do not list their files.
func (r Record) Damage(dir string) (all []Damage) {
	if !r.Status.Ended() {
		return nil
	}
	for _, name := range ended {
		want, known := r.Files[name]
		if !known {
			continue
		}
		found, err := sumFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			all = append(all, Damage{name, "missing"})
		case err != nil:
			all = append(all, Damage{name, durable.Cause(err).Error()})
		case found.Bytes != want.Bytes:
			all = append(all, Damage{name, fmt.Sprintf("%d bytes; the run wrote %d", found.Bytes, want.Bytes)})
		case found != want:
			all = append(all, Damage{name, fmt.Sprintf("changed since the run wrote it (SHA-256 %.12s…, want %.12s…)", found.SHA256, want.SHA256)})
		}
	}
	return all
}

// Remedy says what to do about a damaged run in directory dir.
func Remedy(dir string) string {
	return fmt.Sprintf("restore the file, or delete %s and repeat the command, which then trains this run again", dir)
}

// Check returns the record of the run in directory dir, and a warning for each of its
// files that is damaged, run.json included. A run that has not started gets a
// warning, too.
func Check(dir string) (Record, []Warning) {
	path := filepath.Join(dir, recordName)
	record, err := ReadState(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return record, []Warning{{Path: dir, Reason: "not started: no " + recordName}}
	}
	if err != nil {
		return record, []Warning{{Path: path, Reason: Reason(path, err) + "; run the experiment's command to write it again", Damage: true}}
	}
	var damage []Warning
	for _, d := range record.Damage(dir) {
		damage = append(damage, Warning{Path: filepath.Join(dir, d.Name), Reason: d.Reason + "; " + Remedy(dir), Damage: true})
	}
	return record, damage
}

// Reason returns the text of err without the path, which a warning names anyway.
func Reason(path string, err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return strings.TrimPrefix(err.Error(), path+": ")
}
