package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/sluice-dlp/sluice/corpus"
)

// text is what engines search.
type text struct {
	name  string
	bytes []byte
	ends  []int  // where labelled values end, rising; nil: there are no labels
	path  string // of a file that holds bytes, for other programs
}

// save writes the text to a file in dir. Each file has a name of its own: a
// peer that is asked for the same again takes what it has.
func (t *text) save(dir string) error {
	f, err := os.CreateTemp(dir, "text-")
	if err != nil {
		return err
	}
	t.path = f.Name()
	_, err = f.Write(t.bytes)
	return errors.Join(err, f.Close())
}

// kind is a corpus: how its text is made, and where its labels end.
type kind struct {
	name string
	make func(size int) (text []byte, labelEnds []int)
}

func (k kind) text(size int) *text {
	t := &text{name: k.name}
	t.bytes, t.ends = k.make(size)
	return t
}

// textKinds are those of package corpus.
func textKinds() []kind {
	return []kind{
		{"logs", of(corpus.Logs, corpus.Sparse)},
		{"csv", of(corpus.CSV, corpus.Dense)},
		{"jsonl", of(corpus.JSONLines, corpus.Sparse)},
		{"prose", of(corpus.Prose, corpus.Sparse)},
		{"code", of(corpus.Code, corpus.Sparse)},
	}
}

// kinds are all corpora. The same size gives the same bytes, always.
func kinds() []kind {
	return append(textKinds(), kind{"mixed", mixed}, kind{"binary", binaryText})
}

// of makes text of one kind and density out of the plain objects of a corpus.
func of(k corpus.Kind, d corpus.Density) func(int) ([]byte, []int) {
	return func(size int) (text []byte, ends []int) {
		for seed := uint64(1); len(text) < size; seed++ {
			for o := range corpus.Generate(corpus.Config{Seed: seed, Objects: 400, Bytes: 12 * int64(size)}) {
				if o.Kind != k || o.Density != d || o.Container != corpus.Plain || len(text) >= size {
					continue
				}
				var buf bytes.Buffer
				if _, err := o.WriteTo(&buf); err != nil {
					panic(err) // a bytes.Buffer takes everything
				}
				for l := range o.Labels() {
					ends = append(ends, len(text)+int(l.Offset+l.Length))
				}
				text = append(text, buf.Bytes()...)
			}
		}
		text = text[:size]
		n, _ := slices.BinarySearch(ends, size+1)
		return text, ends[:n]
	}
}

// mixed draws lines at random from all kinds, so that no branch predictor
// learns a period. Blocks of several lines are torn apart, so there is no
// expected count.
func mixed(size int) ([]byte, []int) {
	var lines [][]byte
	for _, k := range textKinds() {
		text, _ := k.make(size / 4)
		lines = append(lines, bytes.SplitAfter(text, []byte{'\n'})...)
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return bytes.Join(lines, nil)[:size], nil
}
