package trained

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
	"cnnlab/model"
)

// Using is what -predict and -export ask for.
type Using struct {
	Predict bool
	Export  string // the file to write, .onnx
	Weights string // a run's directory or name, or a file of weights
	AsIs    bool
	Files   []string // the pictures, which follow the flags
}

var usingFlags = []string{"predict", "export", "weights", "as-is", "format", "out"}

// Flags declares the flags; -format is that of a comparison.
func (u *Using) Flags(fs *flag.FlagSet) {
	fs.BoolVar(&u.Predict, "predict", false, "say which classes the network in -weights sees in the pictures that follow the flags: files or folders")
	fs.StringVar(&u.Export, "export", "", "write the network in -weights to `FILE.onnx`, for other programs")
	fs.StringVar(&u.Weights, "weights", "", "with -predict and -export: the network, as `RUN`, a run's directory or name, or as FILE.safetensors")
	fs.BoolVar(&u.AsIs, "as-is", false, "with -predict: take pictures as they are; they must have the size of the network's images")
}

// Asked reports whether a network is to be used.
func (u Using) Asked() bool { return u.Predict || u.Export != "" }

// Check returns what is wrong with the flags, or "".
func (u Using) Check(given []string, format string) string {
	name := "predict"
	if !u.Predict {
		name = "export"
	}
	for _, f := range given {
		if !slices.Contains(usingFlags, f) {
			return fmt.Sprintf("-%s does not apply to -%s", f, name)
		}
	}
	switch {
	case format == "markdown":
		return "-format markdown is for -compare; -predict writes text, csv or json"
	case u.Predict && u.Export != "":
		return "use either -predict or -export, not both"
	case u.Weights == "":
		return fmt.Sprintf("-%s needs a network: -weights RUN or -weights FILE.safetensors", name)
	case u.Predict && len(u.Files) == 0:
		return "-predict needs pictures after the flags: files or folders"
	case !u.Predict && len(u.Files) > 0:
		return fmt.Sprintf("unexpected argument %q: -export takes no pictures", u.Files[0])
	case !u.Predict && !strings.HasSuffix(u.Export, ".onnx"):
		return fmt.Sprintf("-export %s: want a file that ends in .onnx", u.Export)
	}
	for _, file := range u.Files {
		if strings.HasPrefix(file, "-") {
			return fmt.Sprintf("%q follows a picture: flags come before the pictures (a picture of that name is ./%s)", file, file)
		}
	}
	return ""
}

// Run does it.
func (u Using) Run(out, format string, builders map[string]Builder, stdout, stderr io.Writer) error {
	n, err := Load(u.Weights, out, builders)
	if err != nil {
		return err
	}
	if u.Predict {
		return n.Predict(u.Files, format, u.AsIs, stdout, stderr)
	}
	if err := n.Export(u.Export); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "written:\n  %s\n", u.Export)
	return errors.Wrap(err, "stdout")
}

// Export writes the network as an ONNX model.
func (n *Network) Export(path string) error {
	image := model.Image{Classes: n.Card.Classes, Mean: n.Card.Mean, Std: n.Card.Std}
	return durable.WriteFile(durable.Disk{}, filepath.Clean(path), func(w io.Writer) error { return n.WriteONNX(w, image, "") })
}
