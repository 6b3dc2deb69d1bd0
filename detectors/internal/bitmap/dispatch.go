package bitmap

// Classify fills the words of p that text takes; p must have room for them.
// A kernel for one processor is chosen here, unless the build has the tag
// purego; there is none so far.
func Classify(p *Planes, text []byte, marks *Marks) { classify(p, text, marks) }
