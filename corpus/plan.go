package corpus

import (
	"fmt"
	"strings"
)

// plan deals kinds, densities, containers and sizes out to the objects.
type plan struct {
	cfg    Config
	single int64 // bytes of an object whose container has a limit, if it allows
	weight int64 // of all objects that share the rest
	rest   int64 // bytes for them
}

// special are the containers of the first objects.
var special = []Container{Empty, OneLine, Nested, CutGzip, BadZip, UTF16LE, UTF16BE, Zip, TarGzip, XZ}

// common are those of the others, dealt in turn. Their number shares no
// factor with those of the kinds and densities, so each meets each.
var common = []Container{
	Plain, Gzip, Plain, Zstd, Plain, Zip, Plain, LZ4, Plain, TarGzip, Plain, Snappy, Plain, XZ, Plain, Gzip, Plain, Tar, UTF16LE,
}

func newPlan(cfg Config) *plan {
	if cfg.Bytes == 0 {
		cfg.Bytes = int64(cfg.Objects) * 64 << 10
	}
	p := &plan{cfg: cfg, single: cfg.Bytes / int64(max(1, cfg.Objects)), rest: cfg.Bytes}
	for i := range cfg.Objects {
		if c := p.container(i); layouts[c].limit > 0 {
			p.rest -= p.limited(c)
		} else {
			p.weight += p.share(i)
		}
	}
	return p
}

func (p *plan) container(i int) Container {
	switch {
	case i < len(special):
		return special[i]
	case p.isBig(i):
		return Plain
	}
	return common[i%len(common)]
}

// isBig is true for the one big object, the first behind the special ones.
func (p *plan) isBig(i int) bool { return p.cfg.Big > 0 && i == len(special) }

// limited is the text of an object whose container has a limit: as much as
// is the average, and a sixteenth of all for the one that is a single line.
func (p *plan) limited(c Container) int64 {
	n := p.single
	if c == OneLine {
		n = max(n, p.cfg.Bytes/16)
	}
	return min(n, layouts[c].limit)
}

// share is the weight of object i among those without a limit: sizes differ
// by a factor of up to 64, the large being rare.
func (p *plan) share(i int) int64 {
	if p.isBig(i) || p.container(i) == Empty {
		return 0
	}
	r := newRandom(p.cfg.Seed, uint64(i)<<8|0xff)
	w := int64(1)
	for w < 64 && r.oneIn(2) {
		w *= 2
	}
	return w
}

// object makes object number i.
func (p *plan) object(i int) Object {
	o := Object{Container: p.container(i), Kind: kinds[i%len(kinds)], Density: densities[i/len(kinds)%len(densities)]}
	l := layouts[o.Container]
	switch {
	case p.isBig(i):
		o.Kind, o.Density, o.TextBytes = Logs, Sparse, p.cfg.Big
	case l.limit > 0:
		o.TextBytes = p.limited(o.Container)
	case o.Container != Empty:
		o.TextBytes = p.rest * p.share(i) / p.weight
	}
	if i < len(special) && o.Container != Empty {
		o.Density = densities[i%2]
	}
	o.Key = key(i, o.Kind) + l.ext
	for k, path := range l.paths {
		o.members = append(o.members, p.member(i, k, o, path))
	}
	switch o.Container {
	case CutGzip:
		o.Broken = true
	case BadZip:
		o.Broken, o.BrokenAt = true, o.members[len(o.members)-1].path
	}
	return o
}

// member makes member number k of object number i.
func (p *plan) member(i, k int, o Object, path string) member {
	kind := kinds[(i+k)%len(kinds)]
	name := fmt.Sprintf("data/%d/part-%04d%s", k, i, extension(kind))
	return member{
		path:    strings.ReplaceAll(path, "*", name),
		name:    name,
		kind:    kind,
		density: o.Density,
		bytes:   o.TextBytes / int64(len(layouts[o.Container].paths)),
		oneLine: o.Container == OneLine,
		seed:    p.cfg.Seed,
		stream:  uint64(i)<<8 | uint64(k),
	}
}

// key names object number i. Some keys hold what keys may hold and programs
// stumble over: spaces, plus signs, other scripts.
func key(i int, k Kind) string {
	folder := []string{"logs/2024/03", "exports", "team share", "données", "a+b=c&d", "共有"}[i%6]
	return fmt.Sprintf("%s/%s-%06d%s", folder, k, i, extension(k))
}

func extension(k Kind) string {
	switch k {
	case Logs:
		return ".log"
	case JSONLines, Keyed:
		return ".jsonl"
	case CSV, Titled:
		return ".csv"
	case Prose, Hidden:
		return ".txt"
	default:
		return ".conf"
	}
}
