package kernel

const (
	tileSide = 4  // of a tile
	places   = 36 // of a window, which overlaps the next by two pixels
)

// side is the geometry of a product: c channels of h×w pixels, with top rows above them
// and left columns beside them, become k channels of oh×ow.
type side struct {
	c, h, w, top, left, k, oh, ow int

	depth  int // c, rounded up to a panel
	th, tw int // tiles
	group  int // samples that are computed together
	strip  int // rows of tiles that are computed together, of one sample or all of a group

	vPlace, vTile int // floats from one place or tile of v to the next
	mPlace, mTile int // of m, for results
	ldm           int // from one place of m to the next, for weights
	ldw           int // and of the weights
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
	want := min(manyTiles, max(fewTiles, groupBytes/(4*places*(s.depth+panels(k)*lanes))))
	s.group = min(max(1, want/(s.th*s.tw)), max(1, (samples+blocks-1)/blocks))
	s.strip = s.group * s.th
	if s.group == 1 {
		s.strip = min(s.th, max(1, want/s.tw))
	}
	tiles := s.strip * s.tw
	s.vPlace, s.vTile = spaced(tiles*s.depth), s.depth
	s.mPlace, s.mTile = spaced(tiles*lanes*panels(k)), lanes
	s.ldm = s.mPlace
	s.ldw = spaced(panels(k) * c * lanes)
	return s
}

// eachRun calls f for the samples that have rows lo to hi of tiles, counted over all
// samples of a group, with the sample's own rows and where they begin in the strip.
func (a *side) eachRun(lo, hi int, f func(sample, first, last, at int)) {
	for r := lo; r < hi; {
		sample := r / a.th
		end := min(hi, (sample+1)*a.th)
		f(sample, r-sample*a.th, end-sample*a.th, r-lo)
		r = end
	}
}
