package kernel

// side is the geometry of a product: c channels of h×w pixels, with a border of width
// pad, become k channels of oh×ow.
type side struct {
	c, h, w, pad, k, oh, ow int

	depth  int // floats from pixel to pixel: c, rounded up to a panel
	th, tw int // tiles
	strip  int // rows of tiles that are computed together
	ldv    int // floats from one place to the next, in v
	ldm    int // and in m

	tiles, channels []int32 // offsets in v
}

// row returns the number of floats in a row of the image.
func (a *side) row() int { return (2*a.tw + 2) * a.depth }

// at returns where row r of x begins in the image.
func (a *side) at(r int) int { return (r+a.pad)*a.row() + a.pad*a.depth }

// stripTiles keeps v and m of 32 → 64 channels in the second-level cache (386 of 512
// KiB). Wider layers exceed it: 96 → 192 channels take 1.1 MiB.
const stripTiles = 64

func newSide(c, h, w, pad, k, oh, ow int) side {
	s := side{c: c, h: h, w: w, pad: pad, k: k, oh: oh, ow: ow, depth: panels(c) * lanes}
	s.th, s.tw = (s.oh+1)/2, (s.ow+1)/2
	s.strip = min(s.th, max(1, stripTiles/s.tw))
	s.ldv, s.ldm = spaced(s.strip*s.tw*s.depth), spaced(s.strip*s.tw*lanes*panels(k))
	s.tiles, s.channels = steps(nil, s.strip*s.tw, s.depth), steps(nil, c, 1)
	return s
}
