package kernel

import (
	"runtime"
	"unsafe"
)

// chosen computes the gradients of a pooled convolution of stride 1, with kernels of 3×3 or 5×5, from
// the pixels that were the maxima of their windows. The maps' gradient is zero at the other three
// of four, and where the rectifier or dropout has left nothing. Without their products, fewer are
// left than Winograd's algorithm needs, and the sums are direct ones. What is infinite or NaN in
// x or w reaches a gradient only by a pixel that is not left out.
type chosen struct {
	*Conv
	maps    algorithm         // that computes y
	taps    int               // of a kernel
	h, w    int               // of an image: a panel of x or dx with its border
	windows []int32           // where each window begins in an image
	pixels  [8]int32          // where the pixels of a window are; the fifth is none
	rows    int               // of windows whose pixels of x stay in the first-level cache
	panels  int               // of maps whose kernels for a panel of channels stay there
	weights []float32         // panel of C × K × taps × 16
	partial [blocks][]float32 // dw of each block, likewise
	free    pool[chosenScratch]
}

// chosenScratch is the working memory of one goroutine.
type chosenScratch struct {
	image          []float32
	dy             []float32 // of one sample in panels, or of a panel with its lanes apart
	places, byMaps []int32   // the pixels of a panel, by windows and by maps
	placed         int       // windows of places
	counts, at     []int32   // lists: how long they are, where their entries belong, and
	factors        []float32 // the gradients there
	begins         []int     // of the lists that are used together
}

const (
	noPlace     = -1 << 31 // makes every place negative
	imageBytes  = 21 << 10 // of x that stay in the cache
	kernelBytes = 26 << 10 // of weights
)

// suitsChosen reports whether chosen can compute the gradients of c, and c has enough channels to
// fill its lanes.
func (c *Conv) suitsChosen() bool {
	return using >= avx2 && c.Pool && c.dense() && c.KH == c.KW && (c.KH == 3 || c.KH == 5) && c.C >= 12 && c.K >= 12
}

// byChosen returns c.chosen, made at the first call.
func (c *Conv) byChosen() *chosen {
	if c.chosen != nil {
		return c.chosen
	}
	g := &chosen{Conv: c, maps: c.directly(), taps: c.KH * c.KW, h: c.paddedH(), w: c.paddedW()}
	if c.TakesPanels() {
		g.maps = c.byWinograd()
	}
	row := g.w * lanes
	g.pixels = [8]int32{0, lanes, int32(row), int32(row + lanes), noPlace}
	g.rows = max(1, (imageBytes/4/row-c.KH+1)/2)
	g.panels = min(panelsOnce, kernelBytes/4/lanes/lanes/g.taps)
	for i := range c.OutH() {
		for j := range c.OutW() {
			g.windows = append(g.windows, int32(2*i*row+2*j*lanes))
		}
	}
	g.free.make = g.newScratch
	c.chosen = g
	return g
}

func (g *chosen) newScratch() *chosenScratch {
	windows := ceil(min(g.rows, g.OutH())*g.OutW(), lanes)
	most := panels(g.K)*lanes*len(g.windows) + lanes // entries, and what is overwritten behind them
	return &chosenScratch{
		image:  resize(nil, g.h*g.w*lanes),
		dy:     resize(nil, max(panels(g.K)*len(g.windows), windows)*lanes),
		places: make([]int32, windows*lanes), byMaps: make([]int32, windows*lanes),
		counts: make([]int32, max(panels(g.K)*lanes*g.OutH(), 4*ceil(panels(g.K), g.panels)*len(g.windows))),
		at:     make([]int32, most), factors: make([]float32, most),
	}
}

// ceil rounds n up to a multiple of unit.
func ceil(n, unit int) int { return (n + unit - 1) / unit * unit }

// forward computes y.
func (g *chosen) forward(y, x, w, bias []float32) { g.maps.forward(y, x, w, bias) }

// gradX computes dx, and sums dy.
func (g *chosen) gradX(dx, dy, w, _ []float32) {
	g.clearSums(dy)
	g.weights = resize(g.weights, panels(g.C)*g.K*g.taps*lanes)
	parallel(panels(g.C), func(p int) {
		for k := range g.K {
			transpose(g.weights[(p*g.K+k)*g.taps*lanes:], lanes, w[(k*g.C+p*lanes)*g.taps:], g.taps, width(g.C, p), g.taps)
		}
	})
	ow := g.OutW()
	g.free.each(g.N, func(s *chosenScratch, n int) {
		g.listWindows(s, dy, n)
		for p := range panels(g.C) {
			clear(s.image)
			ahead := dx[g.inAt(n, p):]
			for i, begin := range s.begins {
				row, k := i%g.OutH(), i/g.OutH()*g.panels*lanes
				g.spreadMaps(s.image[2*row*g.w*lanes:], g.weights[(p*g.K+k)*g.taps*lanes:], s.counts[i*4*ow:], s.at[begin:], s.factors[begin:], ahead)
				ahead = ahead[min(2*lanes*ow, len(ahead)-1):]
			}
			g.leave(dx, s.image, n, p)
		}
	})
}

// listWindows lists what matters of sample n of dy: for some maps and a row of windows at a time,
// pixel by pixel.
func (g *chosen) listWindows(s *chosenScratch, dy []float32, n int) {
	q, row := len(g.windows)*lanes, g.OutW()*lanes
	in, choice := s.dy, g.choice[n*panels(g.K)*q:]
	if g.PanelY {
		in = dy[g.outAt(n, 0):]
	}
	for p := range panels(g.K) {
		if !g.PanelY {
			transpose(in[p*q:], lanes, dy[g.outAt(n, p):], g.outs(), width(g.K, p), g.outs())
		}
		sumChosen(g.mapSums(n, p), in[p*q:], choice[p*q:], g.outs())
	}
	last := panels(g.K) - 1
	for i := last * q; i < (last+1)*q; i += lanes { // lanes without a map choose nothing
		for k := width(g.K, last); k < lanes; k++ {
			choice[i+k] = 4
		}
	}
	s.begins = s.begins[:0]
	begin, counts := 0, s.counts
	for first := 0; first < panels(g.K); first += g.panels {
		for at := first * q; at < first*q+q; at += row {
			s.begins = append(s.begins, begin)
			begin += listWindows(counts[:4*g.OutW()], s.at[begin:], s.factors[begin:], in[at:], choice[at:], q, min(g.panels, panels(g.K)-first))
			counts = counts[4*g.OutW():]
		}
	}
}

// gradW computes dw, and sums dy unless gradX has.
func (g *chosen) gradW(dw, dy, x []float32) {
	summed := g.sumsOf == &dy[0]
	if !summed {
		g.clearSums(dy)
	}
	clearParts(&g.partial, panels(g.C)*g.K*g.taps*lanes)
	// with more cores than blocks, a core takes some of the maps and, with still more, of the channels
	mapCuts := max(1, min(panels(g.K), runtime.GOMAXPROCS(0)/blocks))
	channelCuts := max(1, min(panels(g.C), runtime.GOMAXPROCS(0)/blocks/mapCuts))
	g.free.each(blocks*mapCuts*channelCuts, func(s *chosenScratch, unit int) {
		b, cut, part := unit/channelCuts/mapCuts, unit/channelCuts%mapCuts, unit%channelCuts
		first, last := cut*panels(g.K)/mapCuts, (cut+1)*panels(g.K)/mapCuts
		maps := min(g.K, last*lanes) - first*lanes
		clear(s.image) // its border
		for n, hi := block(b, g.N); n < hi; n++ {
			g.listMaps(s, dy, n, first, last, !summed && part == 0)
			for p := part * panels(g.C) / channelCuts; p < (part+1)*panels(g.C)/channelCuts; p++ {
				g.enter(s.image, x, n, p)
				ahead := x[g.inAt(n+(p+1)/panels(g.C), (p+1)%panels(g.C)):]
				for i, begin := range s.begins {
					g.sumPixels(g.partial[b][(p*g.K+first*lanes)*g.taps*lanes:], s.image, s.counts[i*maps:][:maps], s.at[begin:], s.factors[begin:], ahead)
				}
			}
		}
	})
	reduce(g.partial[0], g.partial[:])
	parallel(panels(g.C), func(p int) {
		for k := range g.K {
			transpose(dw[(k*g.C+p*lanes)*g.taps:], g.taps, g.partial[0][(p*g.K+k)*g.taps*lanes:], lanes, g.taps, width(g.C, p))
		}
	})
}

// listMaps lists what matters of some panels of sample n of dy: for a few rows of windows at a
// time, map by map. With sum, it also sums them.
func (g *chosen) listMaps(s *chosenScratch, dy []float32, n, first, last int, sum bool) {
	s.begins = s.begins[:0]
	begin, counts := 0, s.counts
	parts(g.OutH(), g.rows, 1, func(top, bottom int) {
		s.begins = append(s.begins, begin)
		lo, hi := top*g.OutW(), bottom*g.OutW()
		ld := ceil(hi-lo, lanes)
		for p := first; p < last; p++ {
			choice, maps := g.chosenOf(n, p)[lo*lanes:hi*lanes], width(g.K, p)
			s.place(choice, g.windows[lo:hi], &g.pixels)
			transpose(asFloats(s.byMaps), ld, asFloats(s.places), lanes, ld, lanes)
			in, ldy := dy[g.outAt(n, p)+lo:], g.outs()
			switch {
			case g.PanelY:
				in, ldy = s.dy, ld
				transpose(in, ld, dy[g.outAt(n, p)+lo*lanes:], lanes, hi-lo, lanes)
				if sum {
					sumChosen(g.mapSums(n, p), dy[g.outAt(n, p)+lo*lanes:], choice, hi-lo)
				}
			case sum:
				transpose(s.dy, lanes, in, ldy, maps, hi-lo)
				sumChosen(g.mapSums(n, p), s.dy, choice, hi-lo)
			}
			begin += listMaps(counts[:maps], s.at[begin:], s.factors[begin:], s.byMaps, ld, in, ldy)
			counts = counts[maps:]
		}
	})
}

// place sets s.places to where the chosen pixels are.
func (s *chosenScratch) place(choice []byte, windows []int32, pixels *[8]int32) {
	if n := len(windows); n != s.placed {
		s.placed = n
		for i := n * lanes; i < ceil(n, lanes)*lanes; i++ {
			s.places[i] = noPlace
		}
	}
	placeChosen(s.places, choice, windows, pixels)
}

// inAt returns where panel p of sample n begins in x, which may be its end.
func (g *chosen) inAt(n, p int) int {
	if g.PanelX {
		return (n*panels(g.C) + p) * g.H * g.W * lanes
	}
	return (n*g.C + p*lanes) * g.H * g.W
}

// inside returns what is inside the border of an image.
func (g *chosen) inside(image []float32) []float32 {
	return image[(g.Pad[0]*g.w+g.Pad[2])*lanes:]
}

// enter copies panel p of sample n of x into an image.
func (g *chosen) enter(image, x []float32, n, p int) {
	image, x = g.inside(image), x[g.inAt(n, p):]
	if g.PanelX {
		copyRows(image, g.w*lanes, x, g.W*lanes, g.H, g.W*lanes)
		return
	}
	for r := range g.H {
		transpose(image[r*g.w*lanes:], lanes, x[r*g.W:], g.H*g.W, width(g.C, p), g.W)
	}
}

// leave copies an image to panel p of sample n of dx.
func (g *chosen) leave(dx, image []float32, n, p int) {
	image, dx = g.inside(image), dx[g.inAt(n, p):]
	if g.PanelX {
		copyRows(dx, g.W*lanes, image, g.w*lanes, g.H, g.W*lanes)
		return
	}
	for r := range g.H {
		transpose(dx[r*g.W:], g.H*g.W, image[r*g.w*lanes:], lanes, g.W, width(g.C, p))
	}
}

// asFloats returns the bits of x as they are.
func asFloats(x []int32) []float32 { return unsafe.Slice((*float32)(unsafe.Pointer(&x[0])), len(x)) }

// placeChosen sets at[16*i+k] to windows[i] + pixels[choice[16*i+k]].
func placeChosen(at []int32, choice []byte, windows []int32, pixels *[8]int32) {
	n := len(windows)
	_, _ = at[n*lanes-1], choice[n*lanes-1]
	if using >= avx512 {
		placeChosenAVX512(&at[0], &choice[0], &windows[0], &pixels[0], n)
	} else {
		placeChosenAVX2(&at[0], &choice[0], &windows[0], &pixels[0], n)
	}
}

// listMaps lists, for each map, the pixels that matter, and returns how many they are.
func listMaps(counts, at []int32, factors []float32, from []int32, ldf int, dy []float32, ldy int) int {
	maps := len(counts)
	_, _, _ = at[lanes-1], factors[lanes-1], from[maps*ldf-1]
	if using >= avx512 {
		listMapsAVX512(&counts[0], &at[0], &factors[0], &from[0], ldf, &dy[0], ldy, maps, ldf)
	} else {
		listMapsAVX2(&counts[0], &at[0], &factors[0], &from[0], ldf, &dy[0], ldy, maps, ldf)
	}
	return total(counts)
}

// listWindows lists, for each pixel of each window, the maps that matter, and returns how many
// they are.
func listWindows(counts, at []int32, factors, dy []float32, choice []byte, panel, panels int) int {
	windows := len(counts) / 4
	last := (panels-1)*panel + windows*lanes - 1
	_, _, _, _ = at[lanes-1], factors[lanes-1], dy[last], choice[last]
	if using >= avx512 {
		listWindowsAVX512(&counts[0], &at[0], &factors[0], &dy[0], &choice[0], panel, panels, windows)
	} else {
		listWindowsAVX2(&counts[0], &at[0], &factors[0], &dy[0], &choice[0], panel, panels, windows)
	}
	return total(counts)
}

func total(counts []int32) (sum int) {
	for _, n := range counts {
		sum += int(n)
	}
	return sum
}

// What adds the products of lists with kernels of 3×3 and 5×5, with AVX2 and with AVX-512.
var (
	sumPixelsOf = [2][2]func(c *float32, x *float32, ldx int, counts, at *int32, factors *float32, maps int, ahead *float32){
		{sumPixels3x3AVX2, sumPixels5x5AVX2}, {sumPixels3x3AVX512, sumPixels5x5AVX512},
	}
	spreadMapsOf = [2][2]func(x *float32, ldx int, w *float32, counts, at *int32, factors *float32, windows int, ahead *float32){
		{spreadMaps3x3AVX2, spreadMaps5x5AVX2}, {spreadMaps3x3AVX512, spreadMaps5x5AVX512},
	}
)

// sumPixels adds the products of lists, one of each map, and the pixels of an image to c,
// map × tap × 16. It fetches what is ahead into the cache.
func (g *chosen) sumPixels(c, image []float32, counts, at []int32, factors, ahead []float32) {
	_ = c[len(counts)*g.taps*lanes-1]
	sumPixelsOf[wide()][g.KH/2-1](&c[0], &image[0], g.w*lanes, &counts[0], &at[0], &factors[0], len(counts), unsafe.SliceData(ahead))
}

// spreadMaps adds the products of lists, one of each pixel of a row of windows, and the kernels w
// to an image. It fetches what is ahead into the cache.
func (g *chosen) spreadMaps(image, w []float32, counts, at []int32, factors, ahead []float32) {
	_, _ = image[(g.KH*g.w+2*g.OutW()+g.KW-1)*lanes-1], counts[4*g.OutW()-1]
	spreadMapsOf[wide()][g.KH/2-1](&image[0], g.w*lanes, &w[0], &counts[0], &at[0], &factors[0], g.OutW(), &ahead[0])
}

// sumChannel adds the products of the chosen pixels of a channel and 16 maps to c, 9 × 16.
func sumChannel(c, x []float32, ldx int, dy []float32, choice []byte, rows, windows int) {
	n := rows * windows * lanes
	_, _, _, _ = c[9*lanes-1], x[(2*rows+1)*ldx+2*windows+1], dy[n-1], choice[n-1]
	if using >= avx512 {
		sumChannelAVX512(&c[0], &x[0], ldx, &dy[0], &choice[0], rows, windows)
	} else {
		sumChannelAVX2(&c[0], &x[0], ldx, &dy[0], &choice[0], rows, windows)
	}
}
