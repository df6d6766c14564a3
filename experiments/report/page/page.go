// Package page shows a results directory in one HTML page: index.html, which needs no
// other file, or the same page served and kept up to date while runs train. It reads the
// files of the directory and nothing else. Pictures and curves are drawn from them by
// the few scripts in assets; curves by uPlot, which is kept in assets/uplot under its
// own licence.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// FileName is the page's name in a results directory.
const FileName = "index.html"

// To take another version of uPlot, change it here and run go generate.
//
//go:generate sh -c "curl -fsSL https://registry.npmjs.org/uplot/-/uplot-1.6.32.tgz | tar -xz -C assets/uplot --strip-components=1 --wildcards package/LICENSE && curl -fsSL https://registry.npmjs.org/uplot/-/uplot-1.6.32.tgz | tar -xz -C assets/uplot --strip-components=2 package/dist/uPlot.iife.min.js package/dist/uPlot.min.css"

//go:embed assets
var assets embed.FS

// The scripts in the order in which they run, and the styles.
var (
	scripts = []string{"uplot/uPlot.iife.min.js", "series.js", "curves.js", "pixels.js", "snapshots.js", "play.js", "page.js"}
	styles  = []string{"uplot/uPlot.min.css", "page.css"}
)

var templates = template.Must(template.New("").ParseFS(assets, "assets/*.html"))

// content is what page.html shows.
type content struct {
	Live     bool
	Policy   string // the Content-Security-Policy, in a page without a server
	Style    template.CSS
	Scripts  []template.JS
	Sections []*Section
}

func newContent() (c content) {
	for _, name := range styles {
		c.Style += template.CSS(asset(name))
	}
	for _, name := range scripts {
		c.Scripts = append(c.Scripts, template.JS(asset(name)))
	}
	return c
}

// asset returns a file of assets. The page holds it between two tags on lines of their
// own, so its text begins and ends with a newline.
func asset(name string) string {
	file, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return "\n" + strings.TrimSpace(string(file)) + "\n"
}

// Policy returns the Content-Security-Policy of the page: its own scripts and style,
// pictures that it holds itself, and requests to the given sources alone.
func Policy(connect string) string {
	var hashes []string
	for _, name := range scripts {
		sum := sha256.Sum256([]byte(asset(name)))
		hashes = append(hashes, fmt.Sprintf("'sha256-%s'", base64.StdEncoding.EncodeToString(sum[:])))
	}
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src 'unsafe-inline'; img-src data:; connect-src %s; base-uri 'none'; form-action 'none'", strings.Join(hashes, " "), connect)
}

// WriteLive writes the page that a server sends: it is empty, and fills with the events
// of the server.
func WriteLive(w io.Writer) error {
	c := newContent()
	c.Live = true
	return errors.WithStack(templates.ExecuteTemplate(w, "page.html", c))
}

// WriteFile writes index.html of the results directory dir; steps are the experiments
// that the program knows. The caller holds the lock of dir.
func WriteFile(dir string, steps []Step) (path string, err error) {
	results := NewResults(dir, steps)
	if _, err := results.Refresh(); err != nil {
		return "", err
	}
	c := newContent()
	c.Policy, c.Sections = Policy("'none'"), results.Sections()
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "page.html", c); err != nil {
		return "", errors.WithStack(err)
	}
	path = filepath.Join(dir, FileName)
	err = durable.WriteFileOrBeside(durable.Disk{}, path, func(w io.Writer) error {
		_, err := b.WriteTo(w)
		return err
	})
	return path, err
}
