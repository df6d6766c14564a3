// Command gen writes the assembly of package kernel, the declarations of its functions
// and what stands in for them where there is no assembly. The doc comment of each
// function is the Go loop it equals. gen is a module of its own, so that the program
// does not depend on avo.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"regexp"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", "..", "directory to write to")
	flag.Parse()
	if err := write(*dir); err != nil {
		log.Fatal(err)
	}
}

// write writes the files into dir, once all of them are generated: after a failure the
// old ones are still there.
func write(dir string) error {
	temp, err := os.MkdirTemp("", "kernel")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	stubs := filepath.Join(temp, "simd_amd64.go")
	for name, value := range map[string]string{"out": filepath.Join(temp, "simd_amd64.s"), "stubs": stubs, "pkg": "kernel"} {
		if err := flag.Set(name, value); err != nil {
			return err
		}
	}
	functions()
	Generate() // ends the program if it fails
	declared, err := os.ReadFile(stubs)
	if err != nil {
		return err
	}
	none, err := format.Source(standIns(declared))
	if err != nil {
		return err
	}
	declared = append(declared, "\n// assembled reports whether this program has the functions of simd_amd64.s.\nconst assembled = true\n"...)
	assembly, err := os.ReadFile(filepath.Join(temp, "simd_amd64.s"))
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{"simd_amd64.s": assembly, "simd_amd64.go": declared, "simd_none.go": none} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// standIns returns the functions that are declared, with bodies for a program without
// the assembly.
func standIns(declared []byte) []byte {
	var b bytes.Buffer
	header, _, _ := bytes.Cut(declared, []byte("\n"))
	fmt.Fprintf(&b, "%s\n\n//go:build !amd64 || purego\n\npackage kernel\n\n", header)
	fmt.Fprintf(&b, "// assembled reports whether this program has the functions of simd_amd64.s. Here\n")
	fmt.Fprintf(&b, "// it has not, and none but pause is ever called.\nconst assembled = false\n\n")
	fmt.Fprintf(&b, "const none = \"kernel: no assembly in this program\"\n\n")
	for _, f := range regexp.MustCompile(`(?m)^func (\w+).*$`).FindAllSubmatch(declared, -1) {
		body := "panic(none)"
		if string(f[1]) == "pause" {
			body = ""
		}
		fmt.Fprintf(&b, "%s { %s }\n", f[0], body)
	}
	return b.Bytes()
}

// functions builds all functions.
func functions() {
	ConstraintExpr("!purego")
	pause()
	panel()
	widePanel("panelAVX512", 1)
	widePanel("panelsAVX512", 2)
	transpose()
	copyRows()
	add()
	rectify()
	rectifyGrad()
	pool()
	unpool()
	dropout()
	sgd()
	adam()
	average()
	for _, set = range []instructions{avx2, avx512} {
		for _, k := range kinds {
			k.windows()
			k.results()
			k.spread()
		}
		fromWeights()
		toFlipped()
		products()
		sums()
		placeChosen()
		listMaps()
		listWindows()
		for _, side := range []int{3, 5} {
			sumPixels(side)
			spreadMaps(side)
		}
		sumChannel()
		weighted()
		poolTile()
		squares()
		convPool()
		fewChannels()
		unpoolTile()
		sumChosen()
		peak()
	}
}

// instructions is a set of vector instructions.
type instructions struct {
	name   string
	lanes  int // float32s in a vector
	vector func() reg.VecVirtual
}

var (
	avx2   = instructions{"AVX2", 8, YMM}
	avx512 = instructions{"AVX512", 16, ZMM}
	set    = avx2 // what the next function is written in
)

// function begins a function with its doc comment.
func function(name, signature string, doc ...string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc...)
}

// end returns to Go, which uses SSE.
func end() {
	VZEROUPPER()
	RET()
}

// load returns the parameter of this name in a register.
func load(name string) reg.GPVirtual {
	return Load(Param(name), GP64()).(reg.GPVirtual)
}

// stride returns a parameter that counts float32s, in bytes.
func stride(name string) reg.GPVirtual {
	r := load(name)
	SHLQ(Imm(2), r)
	return r
}

// at is the i-th float32 after the address in r.
func at(r reg.Register, i int) Mem { return Mem{Base: r, Disp: 4 * i} }

// broadcast returns the float32 parameter of this name in all lanes.
func broadcast(name string) reg.VecVirtual {
	y := YMM()
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(p.Addr, y)
	return y
}

// zero returns a vector of zeros.
func zero() reg.VecVirtual {
	y := set.vector()
	VXORPS(y, y, y)
	return y
}

// data holds the constants that are written.
var data = map[string]Mem{}

// constant returns the bits in all lanes.
func constant(name string, bits uint32) reg.VecVirtual {
	if _, ok := data[name]; !ok {
		data[name] = ConstData(name, U32(bits))
	}
	y := set.vector()
	VPBROADCASTD(data[name], y)
	return y
}

// multiples returns 0, by … 7·by.
func multiples(name string, by int) Mem {
	if _, ok := data[name]; !ok {
		data[name] = GLOBL(name, RODATA|NOPTR)
		for k := range 8 {
			DATA(4*k, U32(by*k))
		}
	}
	return data[name]
}

// vectors returns n vector registers.
func vectors(n int) []reg.VecVirtual {
	y := make([]reg.VecVirtual, n)
	for i := range y {
		y[i] = set.vector()
	}
	return y
}

// eachVector loops over n float32s, eight at a time, and moves the pointers on.
func eachVector(n reg.Register, pointers []reg.GPVirtual, body func()) {
	Label("loop")
	body()
	for _, p := range pointers {
		ADDQ(Imm(32), p)
	}
	SUBQ(Imm(8), n)
	JNZ(LabelRef("loop"))
}
