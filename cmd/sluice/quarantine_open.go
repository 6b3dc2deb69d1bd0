package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/sluice-dlp/sluice/store"
)

type openOptions struct {
	quarantineOptions
	output   string
	force    bool
	terminal bool
	stretch  stretch
	manifest bool
}

func quarantineOpenCommand() *cobra.Command {
	var o openOptions
	cmd := &cobra.Command{
		Use:   "open --policy FILE -o FILE ID|s3://VAULT/…/sealed|PATH",
		Short: "Read an object that lies in quarantine",
		Long: `open reads one object in quarantine, decrypts it if it is sealed, and writes it to a file
that only you may read. What it is worth is what your rights are worth: it takes the right
to read the vault, and to decrypt with its key; both are logged by whoever owns them.

The object is named by the id of its move, which takes the ledger, or by what lies in the
vault: s3://vault/prefix/ID/sealed or …/object, which does not; or it is a sealed object that was
downloaded, by its path. The file appears when its length and checksum have been found right. On
standard output bytes come as they are read: only exit code 0 says that they are all.

--range takes bytes FROM-TO of the object, both inclusive, as HTTP counts; only the
parts of a sealed object that hold them are fetched and decrypted. --manifest prints what
the object was, where it was and what was found in it, in numbers, instead of its bytes.

Exit codes: 0 done, 2 wrong usage or configuration, 3 it could not be read, or is damaged.`,
		Args: exactArgs(1, "one id, URI or path"),
		Example: examples(`
			sluice quarantine open 3f9c01ab --ledger sweep.db --policy policy.yaml -o evidence.csv
			sluice quarantine open 3f9c01ab --ledger sweep.db --policy policy.yaml --range 0-4095 -o head.bin
			sluice quarantine open s3://vault/sluice/3f9c01ab…/sealed --policy policy.yaml --manifest`),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.output, "output", "o", "", "write to this `FILE`, which must not exist; '-' is standard output")
	f.BoolVar(&o.force, "force", false, "write over a file that exists")
	f.BoolVar(&o.terminal, "terminal", false, "write to a terminal, if standard output is one")
	f.Var(&o.stretch, "range", "only these bytes: FROM-TO, FROM- or -LAST")
	f.BoolVar(&o.manifest, "manifest", false, "print what the object was, as JSON, and not its bytes")
	f.StringVar(&o.ledger, "ledger", "", "the ledger `FILE`, for ids")
	o.policyFlags(f)
	return cmd
}

func (o *openOptions) run(cmd *cobra.Command, what string) error {
	if err := o.checkOutput(cmd); err != nil {
		return err
	}
	f, err := o.vaultOf(cmd)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	limitMemory()
	w := o.custody(cmd, f)
	defer w.Close()
	s, err := o.find(ctx, w, what)
	if err != nil {
		return err
	}
	defer s.close()
	if s.sealed {
		if _, err := w.keys.unwrapper(ctx); err != nil {
			return fmt.Errorf("key: %w", err)
		}
	}
	if o.manifest {
		err = o.writeManifest(ctx, cmd.OutOrStdout(), s)
	} else {
		err = o.write(ctx, cmd, s)
	}
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "sluice: open: %v\n", err)
		return exitCode(pipeline.ExitIncomplete)
	}
	return nil
}

func (o *openOptions) checkOutput(cmd *cobra.Command) error {
	switch {
	case o.manifest && (o.output != "" || o.stretch.set):
		return withHint(errors.New("--manifest excludes --output and --range"), "%s --help", cmd.CommandPath())
	case o.manifest:
		return nil
	case o.output == "":
		return withHint(errors.New("where to? -o FILE is missing"), "'-o -' writes to standard output")
	case o.output == "-" && isTerminal(cmd.OutOrStdout()) && !o.terminal:
		return withHint(errors.New("standard output is a terminal: what is in quarantine does not belong in its history"), "-o FILE; or --terminal, if it is meant")
	case o.output == "-" || o.force:
		return nil
	}
	if _, err := os.Lstat(o.output); err == nil {
		return withHint(fmt.Errorf("%s exists", o.output), "name another file, or say --force")
	}
	return nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// specimen is an object in quarantine, found and not read yet.
type specimen struct {
	custody *custody
	sealed  bool
	vault   quarantine.Bucket // nil for a file
	object  store.Object
	move    quarantine.Move // what is known of it: at least an id, if it came from the vault

	all   func() (io.ReadCloser, error)
	parts func() (io.ReaderAt, error)
	size  int64
	close func() error
}

// find finds what is named: an id of a move, a URI in the vault, or a file.
func (o *openOptions) find(ctx context.Context, w *custody, what string) (*specimen, error) {
	if strings.HasPrefix(what, "s3://") {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(what, "s3://"), "/")
		return w.specimen(ctx, quarantine.Move{ID: idIn(key), Mode: modeIn(key), Vault: store.Object{Bucket: bucket, Key: key, Size: -1}})
	}
	if isID(what) && o.ledger != "" {
		r, err := ledger.OpenReader(ctx, o.ledger)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		m, err := r.Move(ctx, strings.ToLower(what))
		if err != nil {
			return nil, withHint(err, "sluice quarantine list --ledger %s --in-vault", o.ledger)
		}
		if !m.InVault() {
			return nil, fmt.Errorf("move %s is %s: the vault does not have it", m.ID[:shortID], m.State)
		}
		return w.specimen(ctx, m)
	}
	file, err := os.Open(what)
	if err != nil {
		if isID(what) {
			return nil, withHint(fmt.Errorf("%s looks like the id of a move, and --ledger FILE is missing", what), "sluice quarantine open --help")
		}
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &specimen{
		custody: w, sealed: true, size: info.Size(), close: file.Close,
		all:   func() (io.ReadCloser, error) { return file, nil },
		parts: func() (io.ReaderAt, error) { return file, nil },
	}, nil
}

func isID(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

// idIn is the id of a move in a key of the vault, prefix/ID/name; "" if there is
// none.
func idIn(key string) string {
	id := path.Base(path.Dir(key))
	if len(id) != 32 || !isID(id) {
		return ""
	}
	return id
}

func modeIn(key string) quarantine.Mode {
	if strings.HasSuffix(key, "/object") {
		return quarantine.SSEKMS
	}
	return quarantine.Envelope
}

// specimen looks for what the vault has of m.
func (c *custody) specimen(ctx context.Context, m quarantine.Move) (*specimen, error) {
	b, err := c.vault(ctx, m.Vault.Bucket)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	a, err := b.Stat(ctx, m.Vault)
	if err != nil {
		return nil, fmt.Errorf("look into the vault: %w", err)
	}
	return &specimen{
		custody: c, sealed: m.Mode == quarantine.Envelope, vault: b, object: a.Object, move: m, size: a.Size,
		close: func() error { return nil },
		all: func() (io.ReadCloser, error) {
			r, _, err := b.Open(ctx, a.Object)
			return r, err
		},
		parts: func() (io.ReaderAt, error) { return b.At(ctx, a.Object) },
	}, nil
}

// write writes the bytes of s to where the flags say.
func (o *openOptions) write(ctx context.Context, cmd *cobra.Command, s *specimen) error {
	if o.output == "-" {
		return o.copyTo(ctx, cmd.OutOrStdout(), s)
	}
	// Beside the file, so that it appears whole or not at all.
	tmp, err := os.CreateTemp(filepath.Dir(o.output), ".sluice-open-*") // 0600
	if err != nil {
		return err
	}
	err = o.copyTo(ctx, tmp, s)
	err = cmp.Or(err, tmp.Sync())
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = o.appear(tmp.Name())
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// appear gives a file the name that it is to have.
func (o *openOptions) appear(tmp string) error {
	if o.force {
		return os.Rename(tmp, o.output)
	}
	err := os.Link(tmp, o.output) // fails if it exists, unlike Rename
	switch {
	case err == nil:
		return os.Remove(tmp)
	case errors.Is(err, fs.ErrExist):
		return err
	}
	return os.Rename(tmp, o.output) // on a file system without links
}

// copyTo writes the bytes of s, or the stretch of them that is wanted.
func (o *openOptions) copyTo(ctx context.Context, w io.Writer, s *specimen) error {
	if o.stretch.set {
		return o.copyStretch(ctx, w, s)
	}
	r, err := s.all()
	if err != nil {
		return err
	}
	defer r.Close()
	if !s.sealed {
		return sameCRC64(r, w, s.move.CRC64)
	}
	opened, err := s.unseal(ctx, r)
	if err != nil {
		return err
	}
	return sameSHA256(opened, w, s.move.SHA256)
}

func (s *specimen) unseal(ctx context.Context, r io.Reader) (*seal.Opened, error) {
	u, err := s.custody.keys.unwrapper(ctx)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return openSealed(ctx, r, u, s.move)
}

// openSealed opens the sealed object that r yields, which must be that of m.
func openSealed(ctx context.Context, r io.Reader, u seal.Unwrapper, m quarantine.Move) (*seal.Opened, error) {
	opened, err := seal.Open(ctx, r, u)
	if err != nil {
		return nil, err
	}
	return opened, isOf(opened.Header, m)
}

// isOf makes sure that a sealed object is that of m. Of a downloaded file no id is known.
func isOf(h seal.Header, m quarantine.Move) error {
	if m.ID != "" && h.Context["sluice:move"] != m.ID {
		return fmt.Errorf("%w: it is of another move", store.ErrCorrupt)
	}
	return nil
}

// sameSHA256 copies r to w and compares its SHA-256 with want, if that is known.
func sameSHA256(r io.Reader, w io.Writer, want string) error {
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, sum), r); err != nil {
		return err
	}
	if want != "" && hex.EncodeToString(sum.Sum(nil)) != want {
		return fmt.Errorf("%w: its SHA-256 is not the one that was recorded", store.ErrCorrupt)
	}
	return nil
}

// sameCRC64 is sameSHA256 with CRC64NVME.
func sameCRC64(r io.Reader, w io.Writer, want string) error {
	sum := store.NewCRC64NVME()
	if _, err := io.Copy(io.MultiWriter(w, sum), r); err != nil {
		return err
	}
	if want != "" && store.CRC64NVME(sum) != want {
		return fmt.Errorf("%w: its CRC64NVME is not the one that was recorded", store.ErrCorrupt)
	}
	return nil
}

func (o *openOptions) copyStretch(ctx context.Context, w io.Writer, s *specimen) error {
	r, err := s.parts()
	if err != nil {
		return err
	}
	size := s.size
	if s.sealed {
		u, err := s.custody.keys.unwrapper(ctx)
		if err != nil {
			return fmt.Errorf("key: %w", err)
		}
		opened, err := seal.OpenAt(ctx, r, s.size, u)
		if err == nil {
			err = isOf(opened.Header, s.move)
		}
		if err != nil {
			return err
		}
		r, size = opened, opened.Size()
	}
	from, n, err := o.stretch.within(size)
	if err != nil {
		return err
	}
	got, err := io.Copy(w, bufferedSection(r, from, n))
	if err == nil && got != n {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// bufferedSection reads a section in large pieces: each is a request.
func bufferedSection(r io.ReaderAt, from, n int64) io.Reader {
	const piece = 8 << 20
	return &pieces{r: io.NewSectionReader(r, from, n), buf: make([]byte, 0, min(piece, max(n, 1)))}
}

type pieces struct {
	r   io.Reader
	buf []byte
	at  int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.at == len(p.buf) {
		n, err := io.ReadFull(p.r, p.buf[:cap(p.buf)])
		p.buf, p.at = p.buf[:n], 0
		if n == 0 {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return 0, err
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
	}
	n := copy(b, p.buf[p.at:])
	p.at += n
	return n, nil
}

// writeManifest prints what the object was. For a sealed object it lies within.
func (o *openOptions) writeManifest(ctx context.Context, w io.Writer, s *specimen) error {
	note, err := s.manifest(ctx)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, note, "", "  "); err != nil {
		return fmt.Errorf("%w: its manifest is not JSON", store.ErrCorrupt)
	}
	out.WriteByte('\n')
	_, err = out.WriteTo(w)
	return err
}

func (s *specimen) manifest(ctx context.Context) ([]byte, error) {
	if !s.sealed {
		r, _, err := s.vault.Open(ctx, store.Object{Bucket: s.object.Bucket, Key: strings.TrimSuffix(s.object.Key, "object") + "manifest.json", Size: -1})
		if err != nil {
			return nil, fmt.Errorf("read the manifest: %w", err)
		}
		defer r.Close()
		return io.ReadAll(io.LimitReader(r, seal.MaxAttributes))
	}
	r, err := s.all()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	opened, err := s.unseal(ctx, r)
	if err != nil {
		return nil, err
	}
	return opened.Attributes, nil
}

// stretch is a flag value: bytes FROM-TO, FROM- or -LAST, as in HTTP.
type stretch struct {
	set      bool
	from, to int64 // -1: not given
}

func (s *stretch) String() string {
	switch {
	case !s.set:
		return ""
	case s.from < 0:
		return fmt.Sprintf("-%d", s.to)
	case s.to < 0:
		return fmt.Sprintf("%d-", s.from)
	}
	return fmt.Sprintf("%d-%d", s.from, s.to)
}

func (s *stretch) Type() string { return "BYTES" }

func (s *stretch) Set(text string) error {
	wrong := fmt.Errorf("%q is no range of bytes; write 0-1023, 1024- or -512 for the last 512", text)
	a, b, ok := strings.Cut(text, "-")
	if !ok || a == "" && b == "" {
		return wrong
	}
	*s = stretch{true, -1, -1}
	for _, part := range []struct {
		text string
		to   *int64
	}{{a, &s.from}, {b, &s.to}} {
		if part.text == "" {
			continue
		}
		n, err := strconv.ParseInt(part.text, 10, 64)
		if err != nil || n < 0 {
			return wrong
		}
		*part.to = n
	}
	if s.from >= 0 && s.to >= 0 && s.to < s.from {
		return wrong
	}
	return nil
}

// within is where the stretch begins in size bytes, and how long it is.
func (s *stretch) within(size int64) (from, n int64, err error) {
	switch {
	case s.from < 0:
		n = min(s.to, size)
		return size - n, n, nil
	case s.from >= size:
		return 0, 0, fmt.Errorf("the object has %d bytes, and the range begins at %d", size, s.from)
	case s.to < 0 || s.to >= size:
		return s.from, size - s.from, nil
	}
	return s.from, s.to - s.from + 1, nil
}
