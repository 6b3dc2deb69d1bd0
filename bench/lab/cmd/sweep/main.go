// Command sweep measures what sluice takes to sweep a local S3, and prints one
// JSON object a line. bench/README.md tells the method and the fields.
//
// By default it measures speed: each set of objects is read by sluice and by two
// programs that do less, the floors, in turn. With -memory it measures the peak of
// resident memory on what is likely to need much. "sweep table" turns the lines
// of either into Markdown.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sluice-dlp/sluice/bench/lab"
)

type options struct {
	top    string // of the repository
	sluice string
	temp   string
	only   string
	memory bool
	prof   string // directory for profiles

	bytes  int64 // speed: text of a set of large objects
	small  int   // speed: objects of a set of small ones
	rounds int

	gib   float64 // memory: size of the largest object
	count int     // memory: how many small objects
}

func main() {
	lab.RunMeasured()
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case floorMode:
			exit(floor(context.Background(), os.Args[2:]))
		case tableMode:
			exit(table(os.Stdin, os.Stdout))
		}
	}
	var o options
	flag.StringVar(&o.sluice, "sluice", "bin/sluice", "the sluice program, as a `path` from the top of the repository")
	flag.StringVar(&o.temp, "temp", "", "`directory` for objects and ledgers; default that of the system")
	flag.StringVar(&o.only, "only", "", "measure only sets or cases whose name holds this `text`")
	flag.BoolVar(&o.memory, "memory", false, "measure memory instead of speed")
	flag.Int64Var(&o.bytes, "bytes", 1<<30, "text of each set of large objects")
	flag.IntVar(&o.small, "small", 10_000, "objects of each set of small ones")
	flag.IntVar(&o.rounds, "rounds", 5, "times that each set is read by each program; the median counts")
	flag.Float64Var(&o.gib, "gib", 4, "with -memory: size of the largest objects in `GiB`")
	flag.IntVar(&o.count, "count", 200_000, "with -memory: small objects")
	flag.StringVar(&o.prof, "cpuprofile", "", "write a CPU profile of each set's last sweep by sluice to this `directory`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(o.run(ctx))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "sweep:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (o *options) run(ctx context.Context) (err error) {
	// The gateway changes the working directory of the process.
	if o.top, err = filepath.Abs("../.."); err != nil {
		return err
	}
	if !filepath.IsAbs(o.sluice) {
		o.sluice = filepath.Join(o.top, o.sluice)
	}
	if o.prof != "" {
		if o.prof, err = filepath.Abs(o.prof); err != nil {
			return err
		}
	}
	if _, err := os.Stat(o.sluice); err != nil {
		return fmt.Errorf("%w; make build makes it", err)
	}
	if o.temp, err = os.MkdirTemp(o.temp, "sluice-sweep-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.temp)) }()
	if err := o.room(); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr // the gateway prints to it
	g, err := lab.StartGateway(ctx, o.temp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if err := out.Encode(thisMachine()); err != nil {
		return err
	}
	if o.memory {
		return o.measureMemory(ctx, g, out)
	}
	return o.measureSpeed(ctx, g, out)
}

// room makes sure that the objects fit on the disk.
func (o *options) room() error {
	need := 2 * o.bytes
	if o.memory {
		need = int64(o.gib*(1<<30)) + 4<<30
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(o.temp, &fs); err != nil {
		return fmt.Errorf("free space of %s: %w", o.temp, err)
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < need+1<<30 {
		return fmt.Errorf("%s has %d MiB free, and this needs %d", o.temp, free>>20, (need+1<<30)>>20)
	}
	return nil
}

// wanted reports whether -only lets name pass.
func (o *options) wanted(name string) bool { return strings.Contains(name, o.only) }

// scan runs sluice over a bucket filled with the set or case called name, with
// the ledger at path, and returns what it took. It fails if sluice could not do its work; that something was not
// read is no failure.
func (o *options) scan(ctx context.Context, g *lab.Gateway, name, bucket, path string, more ...string) (lab.Usage, error) {
	args := append([]string{"scan", "s3://" + bucket, "--endpoint-url", g.Endpoint, "--path-style",
		"--ledger", path, "-o", os.DevNull, "--quiet"}, more...)
	cmd := o.command(g, o.sluice, args...)
	if o.prof != "" {
		cmd.Env = append(cmd.Env, "SLUICE_CPUPROFILE="+filepath.Join(o.prof, strings.ReplaceAll(name, " ", "-")+".pprof"))
	}
	u, err := lab.Measure(ctx, cmd)
	if err == nil && (u.Exit == 2 || u.Exit < 0) {
		err = fmt.Errorf("sluice ended with exit code %d", u.Exit)
	}
	return u, err
}

// command is a program that reads the gateway.
func (o *options) command(g *lab.Gateway, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), g.Root.Env()...)
	cmd.Stderr = os.Stderr
	return cmd
}
