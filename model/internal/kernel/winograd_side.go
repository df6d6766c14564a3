package kernel

const (
	tileSide = 4  // of a tile
	places   = 36 // of a window, which overlaps the next by two pixels
)

// side is the geometry of a product: c channels of h×w pixels, with top rows above them
// and left columns beside them, become k channels of oh×ow.
type side struct {
	c, h, w, top, left, k, oh, ow int

	depth  int  // c, rounded up to a panel
	th, tw int  // tiles
	below  bool // the last row of tiles has two rows of results, or one
	right  bool // the last column of tiles has two columns
	group  int  // samples that are computed together
	rows   int  // of tiles in a strip, of one sample or all of a group

	vPlace, vTile int // floats from one place or tile of v to the next
	mPlace, mTile int // of m
	ldw           int // from one place of the weights to the next
}

// row returns the number of floats in a row of a panel of the image.
func (a *side) row() int { return (tileSide*a.tw + 2) * lanes }

// plane returns the number of floats of a panel of the image.
func (a *side) plane() int { return (tileSide*a.th + 2) * a.row() }

// at returns where row r of panel p of x begins in the image.
func (a *side) at(p, r int) int { return p*a.plane() + (r+a.top)*a.row() + a.left*lanes }

// size returns the number of floats of a sample's image.
func (a *side) size() int { return panels(a.c) * a.plane() }

// ldy returns the number of floats in a row of results of one panel.
func (a *side) ldy() int { return tileSide * a.tw * lanes }

// What a group needs should stay in the second-level cache, and its tiles should be
// enough to make up for reading the weights.
const (
	groupBytes = 1 << 19 // v and m
	fewTiles   = 32
	manyTiles  = 48
)

func newSide(c, h, w, top, left, k, oh, ow, samples int) side {
	s := side{c: c, h: h, w: w, top: top, left: left, k: k, oh: oh, ow: ow, depth: panels(c) * lanes}
	s.th, s.tw = (s.oh+tileSide-1)/tileSide, (s.ow+tileSide-1)/tileSide
	s.below, s.right = s.oh%tileSide == 1 || s.oh%tileSide == 2, s.ow%tileSide == 1 || s.ow%tileSide == 2
	want := min(manyTiles, max(fewTiles, groupBytes/(4*places*(s.depth+panels(k)*lanes))))
	s.group = min(max(1, want/(s.th*s.tw)), max(1, (samples+blocks-1)/blocks))
	s.rows = s.group * s.th
	if s.group == 1 {
		s.rows = min(s.th, max(1, want/s.tw))
	}
	tiles := s.rows * s.tw
	s.vPlace, s.vTile = spaced(tiles*s.depth), s.depth
	s.mPlace, s.mTile = spaced(tiles*lanes*panels(k)), lanes
	s.ldw = spaced(panels(k) * c * lanes)
	return s
}

// strip is some rows of tiles of a group, counted over all samples. Its tiles lie one behind
// another in this order: those below, the full ones, those at the right, the corners. So the tiles
// that have a certain place are always neighbours.
type strip struct {
	*side
	first, last int // rows
	low         int // rows that are below
}

// strip returns some rows.
func (a *side) strip(first, last int) strip {
	s := strip{a, first, last, 0}
	s.low = s.lows(last)
	return s
}

// tiles returns the number of tiles.
func (s strip) tiles() int { return (s.last - s.first) * s.tw }

// columns returns the number of tiles in a row that are not at the right.
func (s strip) columns() int {
	if s.right {
		return s.tw - 1
	}
	return s.tw
}

// lows returns how many of the rows before r are below.
func (s strip) lows(r int) int {
	if !s.below {
		return 0
	}
	return r/s.th - s.first/s.th
}

// eachRow calls f for the rows from first to last, with the kind of n tiles and where they
// begin.
func (s strip) eachRow(first, last int, f func(r, kind, at, n int)) {
	rows, columns, before, left := s.last-s.first, s.columns(), s.lows(first), s.th-first%s.th
	for r := first; r < last; r++ {
		full := r - s.first - before // rows before this one that are not below
		kind, at, right := 0, (s.low+full)*columns, rows*columns+full
		if left--; left == 0 {
			left = s.th
			if s.below {
				kind, at, right = belowTile, before*columns, rows*columns+rows-s.low+before
				before++
			}
		}
		if columns > 0 {
			f(r, kind, at, columns)
		}
		if s.right {
			f(r, kind|rightTile, right, 1)
		}
	}
}

// Bits of the kind of a tile.
const (
	rightTile = 1 << iota
	belowTile
)

// eachPlaces calls f for runs of places that the same tiles have, lo to hi.
func (s strip) eachPlaces(f func(first, count, lo, hi int)) {
	for first := 0; first < places; {
		lo, hi := s.having(first)
		count := 1
		for l, h := lo, hi; first+count < places; count++ {
			if l, h = s.having(first + count); l != lo || h != hi {
				break
			}
		}
		if lo < hi {
			f(first, count, lo, hi)
		}
		first += count
	}
}

// having returns the range of tiles that have a place.
func (s strip) having(place int) (lo, hi int) {
	rows := s.last - s.first
	inner := func(i int) bool { return i == 3 || i == 4 } // what F(2, 3) does not have
	hi = s.tiles()
	switch {
	case s.right && inner(place%6):
		hi = rows * s.columns()
	case s.right && inner(place/6):
		hi = rows*s.columns() + rows - s.low
	}
	if inner(place / 6) {
		lo = s.low * s.columns()
	}
	return lo, hi
}

// eachSample calls f for the samples of the strip, with the rows of tiles that are theirs and
// the rows lo to hi of their results.
func (s strip) eachSample(f func(sample, first, last, lo, hi int)) {
	for r := s.first; r < s.last; {
		sample := r / s.th
		end := min(s.last, (sample+1)*s.th)
		f(sample, r, end, tileSide*(r-sample*s.th), min(s.oh, tileSide*(end-sample*s.th)))
		r = end
	}
}

// eachStrip calls f for the strips of a group.
func (a *side) eachStrip(samples int, f func(strip)) {
	parts(samples*a.th, a.rows, 1, func(first, last int) { f(a.strip(first, last)) })
}

// exact reports whether no tile reaches beyond the results.
func (a *side) exact() bool { return a.oh%2 == 0 && a.ow%2 == 0 }
