package data

import (
	"codeberg.org/go-fonts/liberation/liberationmonobold"
	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansitalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-fonts/liberation/liberationserifbold"
	"codeberg.org/go-fonts/liberation/liberationserifbolditalic"
	"codeberg.org/go-fonts/liberation/liberationserifitalic"
	"codeberg.org/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
)

// faces are the typefaces, as TrueType fonts, that digits are set in: serif,
// sans and mono, upright and slanted, light and bold. Another one, or another
// order, changes the data set.
var faces = [][]byte{
	goregular.TTF, gobold.TTF, goitalic.TTF, gomono.TTF, gomonobold.TTF,
	liberationserifregular.TTF, liberationserifbold.TTF,
	liberationserifitalic.TTF, liberationserifbolditalic.TTF,
	liberationsansregular.TTF, liberationsansbold.TTF, liberationsansitalic.TTF,
	liberationmonoregular.TTF, liberationmonobold.TTF,
}
