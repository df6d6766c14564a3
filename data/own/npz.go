package own

import (
	"archive/zip"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/sbinet/npyio"
)

// npzNames are the names of the four arrays, as Keras and MedMNIST use them.
var npzNames = [][4]string{
	{"x_train", "y_train", "x_test", "y_test"},
	{"train_images", "train_labels", "test_images", "test_labels"},
}

// readNPZ reads the arrays of a file that numpy.savez has written.
func readNPZ(path string) (*Set, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, errors.Wrap(err, "not an .npz file")
	}
	defer archive.Close()
	files := make(map[string]*zip.File)
	var found []string
	for _, f := range archive.File {
		name := strings.TrimSuffix(f.Name, ".npy")
		files[name], found = f, append(found, name)
	}
	var names [4]string
	for _, n := range npzNames {
		if files[n[0]] != nil {
			names = n
		}
	}
	if missing := slices.IndexFunc(names[:], func(name string) bool { return files[name] == nil }); missing >= 0 {
		return nil, errors.Errorf("%s has the arrays %s; want x_train, y_train, x_test and y_test, or train_images, train_labels, test_images and test_labels", filepath.Base(path), strings.Join(found, ", "))
	}
	s := &Set{}
	var splits [2]Images
	for i, name := range names {
		a, err := readArray(files[name])
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		if i%2 == 1 {
			if splits[i/2].Labels, err = a.labels(); err != nil {
				return nil, errors.WithMessage(err, name)
			}
			continue
		}
		pixels, imageShape, err := a.planes()
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		if found := [3]int{s.Channels, s.Height, s.Width}; i > 0 && imageShape != found {
			return nil, errors.Errorf("%s has images of %v, %s of %v", name, imageShape, names[0], found)
		}
		s.Channels, s.Height, s.Width, splits[i/2].Pixels = imageShape[0], imageShape[1], imageShape[2], pixels
	}
	s.Train, s.Test = splits[0], splits[1]
	return s, s.label()
}

// array is an array of numbers in C order.
type array struct {
	shape []int
	n     int
	at    func(i int) float64
}

func readArray(f *zip.File) (a array, err error) {
	if f.UncompressedSize64 > maxFile {
		return a, errors.Errorf("%d bytes, want at most %d", f.UncompressedSize64, int64(maxFile))
	}
	opened, err := f.Open()
	if err != nil {
		return a, errors.WithStack(err)
	}
	defer opened.Close()
	r := io.LimitReader(opened, maxFile)
	file, err := npyio.NewReader(r)
	if err != nil {
		return a, errors.WithStack(err)
	}
	if file.Header.Descr.Fortran {
		return a, errors.New("an array in Fortran order; save it with numpy.ascontiguousarray")
	}
	if a.shape = file.Header.Descr.Shape; file.Header.Descr.Type == "|u1" { // as nearly all are
		bytes, err := io.ReadAll(r) // the header is read
		a.n, a.at = len(bytes), func(i int) float64 { return float64(bytes[i]) }
		if want := product(a.shape); err == nil && a.n != want {
			err = errors.Errorf("%d bytes for shape %v, want %d", a.n, a.shape, want)
		}
		return a, errors.WithStack(err)
	}
	kind := npyio.TypeFrom(file.Header.Descr.Type)
	if kind == nil || !kind.ConvertibleTo(reflect.TypeFor[float64]()) {
		return a, errors.Errorf("an array of type %s, want numbers", file.Header.Descr.Type)
	}
	into := reflect.New(reflect.SliceOf(kind))
	if err := file.Read(into.Interface()); err != nil {
		return a, errors.WithStack(err)
	}
	values := into.Elem()
	a.n, a.at = values.Len(), func(i int) float64 { return values.Index(i).Convert(reflect.TypeFor[float64]()).Float() }
	return a, nil
}

func product(shape []int) int {
	n := 1
	for _, side := range shape {
		n *= side
	}
	return n
}

// labels turns numbers into labels: N, or N×1 as MedMNIST and CIFAR-10 have them.
func (a array) labels() ([]byte, error) {
	if len(a.shape) != 1 && (len(a.shape) != 2 || a.shape[1] != 1) {
		return nil, errors.Errorf("labels of shape %v, want one for each image", a.shape)
	}
	b := make([]byte, a.n)
	for i := range b {
		v := a.at(i)
		if v != math.Trunc(v) || v < 0 || v >= maxClasses {
			return nil, errors.Errorf("label %v of image %d, want a whole number from 0 to %d", v, i, maxClasses-1)
		}
		b[i] = byte(v)
	}
	return b, nil
}

// planes turns images N×H×W or N×H×W×C into N×C×H×W bytes. Fractions from 0 to 1 are
// taken as shares of 255.
func (a array) planes() (pixels []byte, image [3]int, err error) {
	switch {
	case len(a.shape) == 3:
		image = [3]int{1, a.shape[1], a.shape[2]}
	case len(a.shape) == 4 && (a.shape[3] == 1 || a.shape[3] == 3):
		image = [3]int{a.shape[3], a.shape[1], a.shape[2]}
	default:
		return nil, image, errors.Errorf("images of shape %v, want N×H×W, N×H×W×1 or N×H×W×3", a.shape)
	}
	if a.n == 0 {
		return nil, image, errors.New("no images")
	}
	high, whole := math.Inf(-1), true
	for i := range a.n {
		v := a.at(i)
		high, whole = max(high, v), whole && v == math.Trunc(v)
	}
	scale := 1.0
	if high <= 1 && !whole {
		scale = 255
	}
	channels, plane := image[0], image[1]*image[2]
	pixels = make([]byte, a.n)
	for i := range a.n {
		v := math.Round(scale * a.at(i))
		if !(v >= 0 && v <= 255) {
			return nil, image, errors.Errorf("a pixel is %v, want numbers from 0 to 255, or from 0 to 1", a.at(i))
		}
		n, in := i/(channels*plane), i%(channels*plane)
		pixels[n*channels*plane+in%channels*plane+in/channels] = byte(v)
	}
	return pixels, image, nil
}
