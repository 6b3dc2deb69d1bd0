package main

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
)

// Colours that can be told apart, and read, on white and on black.
const (
	ink     = "#808080" // words, axes, and rows that are only for comparison
	faint   = "#80808050"
	ours    = "#e0662f"
	theirs  = "#4f8fd0"
	another = "#3f9f6f"
	fourth  = "#a070c8"
)

// plot is an SVG image being drawn. Units are pixels.
type plot struct {
	strings.Builder
	width int
}

func newPlot(width int) *plot { return &plot{width: width} }

func (p *plot) add(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// words writes s with its foot at y; anchor is start, middle or end.
func (p *plot) words(x, y float64, anchor, colour, s string) {
	p.add(`<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s">%s</text>`, x, y, anchor, colour, html.EscapeString(s))
}

func (p *plot) title(x, y float64, s string) {
	p.add(`<text x="%.1f" y="%.1f" fill="%s" font-size="14" font-weight="bold">%s</text>`, x, y, ink, html.EscapeString(s))
}

func (p *plot) bar(x, y, width, height float64, colour string) {
	p.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, x, y, width, height, colour)
}

func (p *plot) line(x1, y1, x2, y2 float64, colour string) {
	p.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`, x1, y1, x2, y2, colour)
}

func (p *plot) dot(x, y, radius float64, fill, stroke string) {
	p.add(`<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%s" stroke="%s"/>`, x, y, radius, fill, stroke)
}

// writeTo writes the image, so high.
func (p *plot) writeTo(w io.Writer, height float64) error {
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %.0f" font-family="sans-serif" font-size="11">`+"\n%s</svg>\n", p.width, height, p.String())
	return err
}

// scale maps GB/s to pixels, each power of ten as wide as any other.
type scale struct {
	low, high float64 // GB/s, powers of ten
	from, to  float64 // pixels
}

// newScale covers all of speeds.
func newScale(rows []row, from, to float64) scale {
	s := scale{math.Inf(1), math.Inf(-1), from, to}
	for _, r := range rows {
		s.low, s.high = min(s.low, r.GBps), max(s.high, r.GBps)
	}
	s.low, s.high = math.Pow(10, math.Floor(math.Log10(s.low))), math.Pow(10, math.Ceil(math.Log10(s.high)))
	return s
}

func (s scale) at(gbps float64) float64 {
	return s.from + (s.to-s.from)*math.Log10(gbps/s.low)/math.Log10(s.high/s.low)
}

// ticks are the powers of ten.
func (s scale) ticks() []float64 {
	var ts []float64
	for t := s.low; t <= s.high*1.01; t *= 10 {
		ts = append(ts, t)
	}
	return ts
}

// across draws the scale as a grid from top to bottom, with numbers below.
func (p *plot) across(s scale, top, bottom float64) {
	for _, t := range s.ticks() {
		p.line(s.at(t), top, s.at(t), bottom, faint)
		p.words(s.at(t), bottom+12, "middle", ink, fmt.Sprintf("%g", t))
	}
	p.words(s.to, bottom+24, "end", ink, "GB/s")
}

// plotCorpora draws a panel for each corpus with a bar for each engine.
func plotCorpora(w io.Writer, r *results) error {
	const (
		columns, panel = 2, 460.0
		left, right    = 160.0, 50.0 // of the bars, for names and numbers
		line           = 15.0
	)
	// How fast a cache is says something about the floor, and nothing about engines.
	rows := where(r.speeds(), not(ofEngine(readInCache)))
	p := newPlot(columns * panel)
	y, height := 0.0, 0.0
	for i, c := range corporaOf(rows) {
		if i%columns == 0 {
			y, height = y+height, 0
		}
		x := float64(i%columns) * panel
		all := where(rows, onCorpus(c))
		s := newScale(rows, x+left, x+panel-right)
		top := y + 26
		bottom := top + line*float64(len(all)) + 3
		p.title(x+10, y+18, c)
		p.across(s, top, bottom)
		for k, e := range all {
			at := top + line*float64(k) + 3
			p.words(x+left-6, at+9, "end", ink, e.Engine)
			p.bar(s.from, at, s.at(e.GBps)-s.from, line-5, colourOf(e))
			p.words(s.at(e.GBps)+4, at+9, "start", ink, short(e.GBps))
		}
		height = max(height, bottom-y+34)
	}
	return p.writeTo(w, y+height)
}

func colourOf(r row) string {
	switch {
	case isSluice(r):
		return ours
	case strings.HasPrefix(r.Engine, "floor"):
		return ink
	}
	return theirs
}

// plotBad draws bad inputs, a line each with a dot for each size of text, and
// below them speed by density.
func plotBad(w io.Writer, r *results) error {
	const (
		width, left, right = 920.0, 350.0, 30.0
		line               = 15.0
	)
	rows := where(r.rows, isBad, not(isDensity))
	p := newPlot(width)
	names := bySpeed(rows)
	s := newScale(rows, left, width-right)
	top := 44.0
	bottom := top + line*float64(len(names)) + 3
	p.title(10, 18, "Bad input, the slowest first")
	p.badLegend(left, 36, sizesOf(rows))
	p.across(s, top, bottom)
	for i, c := range names {
		at := top + line*float64(i) + 9
		p.words(left-8, at+4, "end", ink, strings.TrimPrefix(c, bad))
		for _, e := range where(rows, onCorpus(c), not(isSluice)) {
			p.dot(s.at(e.GBps), at, 4, "none", theirs)
		}
		for _, e := range where(rows, onCorpus(c), isSluice) {
			p.dot(s.at(e.GBps), at, dotOf(e.Bytes), ours+"90", "none")
		}
	}
	end := p.densities(where(r.rows, isDensity), bottom+46)
	return p.writeTo(w, end)
}

// dotOf is the radius for a size of text.
func dotOf(bytes int) float64 { return 1.5 + 0.5*math.Log2(float64(max(1, bytes>>20)))/1.5 }

func (p *plot) badLegend(x, y float64, sizes []int) {
	p.words(x, y, "start", ours, "sluice, text of")
	x += 90
	for _, n := range sizes {
		p.dot(x, y-4, dotOf(n), ours+"90", "none")
		p.words(x+8, y, "start", ours, size(n))
		x += 66
	}
	p.dot(x+10, y-4, 4, "none", theirs)
	p.words(x+18, y, "start", theirs, vectorscan+", "+size(compared))
}

// densities draws speed against the share of lines that are values, and
// returns where the drawing ends.
func (p *plot) densities(rows []row, y float64) float64 {
	const left, right, high = 60.0, 190.0, 240.0
	p.title(10, y, "Values among words, GB/s")
	top, bottom := y+16, y+16+high
	s := newScale(rows, bottom, top)
	x := func(percent int) float64 { return left + (float64(p.width)-left-right)*float64(percent)/100 }
	for _, t := range s.ticks() {
		p.line(x(0), s.at(t), x(100), s.at(t), faint)
		p.words(x(0)-6, s.at(t)+4, "end", ink, fmt.Sprintf("%g", t))
	}
	for _, percent := range []int{0, 25, 50, 75, 100} {
		p.words(x(percent), bottom+14, "middle", ink, fmt.Sprintf("%d %%", percent))
	}
	colours := []string{ours, theirs, another, fourth, ink}
	var labels []label
	for i, c := range corporaOf(rows) {
		colour := colours[i%len(colours)]
		all := where(rows, onCorpus(c))
		for k, r := range all {
			p.dot(x(*r.Density), s.at(r.GBps), 2.5, colour, "none")
			if k > 0 {
				p.line(x(*all[k-1].Density), s.at(all[k-1].GBps), x(*r.Density), s.at(r.GBps), colour)
			}
		}
		labels = append(labels, label{s.at(all[len(all)-1].GBps), colour, strings.TrimPrefix(c, density)})
	}
	p.labels(x(100)+8, labels)
	p.words((x(0)+x(100))/2, bottom+28, "middle", ink, "lines that are values; the others are words")
	return bottom + 40
}

// label names a line at its right end.
type label struct {
	y            float64
	colour, name string
}

// labels writes labels at x, apart enough to be read.
func (p *plot) labels(x float64, ls []label) {
	const apart = 13
	slices.SortFunc(ls, func(a, b label) int { return cmp.Compare(a.y, b.y) })
	free := math.Inf(-1)
	for _, l := range ls {
		y := max(l.y, free)
		p.words(x, y+4, "start", l.colour, l.name)
		free = y + apart
	}
}
