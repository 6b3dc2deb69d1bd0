//go:build linux

// Command seal measures sealing on one core, beside the floors that it cannot
// be faster than, and its peak memory, and prints one line of JSON. With -table
// it makes bench/seal.md of that line.
//
// A rate is that of processor time, so that other programs on the machine
// take less away from it. Floors and sealing take turns; the fastest round of each counts.
package main

import (
	"bufio"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/minio/crc64nvme"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

const segment = 1 << 20

// result is what is printed.
type result struct {
	CPU    string             `json:"cpu"`
	Go     string             `json:"go"`
	Load   string             `json:"load"`
	Rounds int                `json:"rounds"`
	Piece  int64              `json:"piece"` // bytes of one round
	GBps   map[string]float64 `json:"gbps"`  // of processor time, by row

	Object     int64   `json:"object"` // bytes of the large object
	ObjectGBps float64 `json:"object_gbps"`
	WallGBps   float64 `json:"object_wall_gbps"`
	PeakMiB    float64 `json:"peak_mib"` // resident, of the whole process

	OfCopy  float64 `json:"of_copy"` // sealing, as a part of these floors
	OfGCM   float64 `json:"of_aes_gcm"`
	OfParts float64 `json:"of_parts"`
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 7, "rounds")
	piece := flag.Int64("piece", 1<<30, "bytes of a round")
	object := flag.Int64("object", 8<<30, "bytes of the large object")
	asTable := flag.Bool("table", false, "make bench/seal.md of the line on standard input")
	flag.Parse()
	if *asTable {
		if err := table(os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	runtime.GOMAXPROCS(1)
	r, err := measure(*rounds, *piece, *object)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// rows are what is measured. Each reads its argument to the end and returns
// the SHA-256, if that is part of it.
var rows = []struct {
	name, what string
	run        func(io.Reader) (string, error)
}{
	{"copy", "copied once, in pieces of 64 KiB, in the cache", func(r io.Reader) (string, error) { return "", each(r, 64<<10, func([]byte) {}) }},
	{"crc64", "CRC-64/NVME", func(r io.Reader) (string, error) {
		var crc uint64
		return "", each(r, 64<<10, func(p []byte) { crc = crc64nvme.Update(crc, p) })
	}},
	{"aes-gcm", "AES-256-GCM in place, in segments of 1 MiB", func(r io.Reader) (string, error) {
		gcm, nonce := newGCM(), make([]byte, 12)
		return "", each(r, segment, func(p []byte) { gcm.Seal(p[:0], nonce, p, nil) })
	}},
	{"sha-256", "SHA-256", func(r io.Reader) (string, error) {
		h := sha256.New()
		err := each(r, 64<<10, func(p []byte) { h.Write(p) })
		return hex.EncodeToString(h.Sum(nil)), err
	}},
	{"parts", "the sums of plaintext and ciphertext, and AES-GCM: the least that the format takes", func(r io.Reader) (string, error) {
		gcm, nonce, h := newGCM(), make([]byte, 12), sha256.New()
		var plain, sealed uint64
		err := each(r, segment, func(p []byte) {
			for i := 0; i < len(p); i += 64 << 10 {
				chunk := p[i:min(len(p), i+64<<10)]
				h.Write(chunk)
				plain = crc64nvme.Update(plain, chunk)
			}
			sealed = crc64nvme.Update(sealed, gcm.Seal(p[:0], nonce, p, nil))
		})
		return hex.EncodeToString(h.Sum(nil)), err
	}},
	{"seal", "sealed by package seal", func(r io.Reader) (string, error) {
		s, err := sealAll(r)
		return s.SHA256, err
	}},
}

func newGCM() cipher.AEAD {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		log.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		log.Fatal(err)
	}
	return gcm
}

// each hands r over in pieces of n bytes, with room for a tag.
func each(r io.Reader, n int, do func([]byte)) error {
	buf := make([]byte, n, n+16)
	for {
		got, err := io.ReadFull(r, buf)
		do(buf[:got])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func sealAll(r io.Reader) (seal.Sums, error) {
	s, err := seal.NewReader(context.Background(), r, seal.Options{Context: map[string]string{"sluice:bucket": "bench"}}, wrapper{})
	if err != nil {
		return seal.Sums{}, err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, s, make([]byte, 256<<10))
	return s.Sums(), err
}

// wrapper is a key provider that costs nothing.
type wrapper struct{}

func (wrapper) DataKey(context.Context, map[string]string) (seal.DataKey, error) {
	return seal.DataKey{Plain: make([]byte, 32), Wrapped: []byte("wrapped"), Provider: "bench", KeyID: "bench"}, nil
}

// body yields n bytes out of a block of noise, over and over. The block is
// larger than the first-level cache and smaller than the second.
type body struct {
	block []byte
	n, at int64
}

func (b *body) Read(p []byte) (int, error) {
	if b.at == b.n {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), b.n-b.at)]
	n := copy(p, b.block[int(b.at)%len(b.block):])
	b.at += int64(n)
	return n, nil
}

func measure(rounds int, piece, object int64) (*result, error) {
	block := make([]byte, 256<<10)
	rand.NewChaCha8([32]byte{1}).Read(block)
	r := &result{
		CPU: cpu(), Go: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, Load: load(),
		Rounds: rounds, Piece: piece, Object: object, GBps: make(map[string]float64),
	}
	sums := make(map[string]bool)
	for range rounds {
		for _, row := range rows {
			start := used()
			sum, err := row.run(&body{block: block, n: piece})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", row.name, err)
			}
			r.GBps[row.name] = max(r.GBps[row.name], float64(piece)/float64(used()-start))
			if sum != "" {
				sums[sum] = true
			}
		}
	}
	if len(sums) != 1 {
		return nil, fmt.Errorf("the rows come to %d different SHA-256", len(sums))
	}
	start, wall := used(), time.Now()
	s, err := sealAll(&body{block: block, n: object})
	if err != nil {
		return nil, err
	}
	if s.Length != object {
		return nil, fmt.Errorf("%d of %d bytes were sealed", s.Length, object)
	}
	r.ObjectGBps = float64(object) / float64(used()-start)
	r.WallGBps = float64(object) / float64(time.Since(wall))
	r.PeakMiB = peak()
	r.OfCopy, r.OfGCM, r.OfParts = r.GBps["seal"]/r.GBps["copy"], r.GBps["seal"]/r.GBps["aes-gcm"], r.GBps["seal"]/r.GBps["parts"]
	return r, nil
}

func usage() syscall.Rusage {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return u
}

func used() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peak() float64 {
	u := usage()
	return float64(u.Maxrss) / 1024
}

func cpu() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return ""
	}
	return strings.Join(fields[:3], " ")
}

func table(in io.Reader, out io.Writer) error {
	var r result
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, `# Sealing

What the mode envelope of the quarantine does to an object on its way into the vault, on one core, from a generated body to nowhere. `+"`make bench-seal`"+`
measures it and makes this page.

%s, %s; load when it began: %s (of 1, 5 and 15 minutes). GB/s are 1e9 bytes in a second of processor time, the fastest of %d rounds of
%d MiB that the rows took in turns. Rows with a SHA-256 have come to the same one.

| row | what | GB/s |
|---|---|--:|
`, r.CPU, r.Go, r.Load, r.Rounds, r.Piece>>20)
	for _, row := range rows {
		fmt.Fprintf(w, "| %s | %s | %.2f |\n", row.name, row.what, r.GBps[row.name])
	}
	fmt.Fprintf(w, `
Sealing reaches %.0f %% of its parts, %.0f %% of AES-GCM alone and %.0f %% of a copy. SHA-256 is the largest part: it is in the format so that a restored
object can be compared with what was taken, without trusting the store.

One object of %d GiB: %.2f GB/s of processor time, %.2f of the clock with the others on the machine. Peak memory of the process, all rows
included: %.1f MiB.
`, 100*r.OfParts, 100*r.OfGCM, 100*r.OfCopy, r.Object>>30, r.ObjectGBps, r.WallGBps, r.PeakMiB)
	return w.Flush()
}
