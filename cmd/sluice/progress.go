package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/sluice-dlp/sluice/pipeline"
)

const (
	progressLine = 5 * time.Second        // between two JSON lines
	progressDraw = 200 * time.Millisecond // between two states of a bar
)

// progressHow is how progress is shown on w, of what --progress says.
func progressHow(flag string, w io.Writer) (string, error) {
	switch flag {
	case "auto":
		return progressFor(w), nil
	case "bar", "json", "none":
		return flag, nil
	}
	return "", fmt.Errorf("--progress %s: it is auto, bar, json or none", flag)
}

// progressFor is how progress is shown on w: with bars on a terminal.
func progressFor(w io.Writer) string {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return "bar"
	}
	return "json"
}

// showProgress shows how far a run got until end is called. What is to be said
// meanwhile is written to say.
func showProgress(w io.Writer, how string, stats func() pipeline.Stats) (say io.Writer, end func()) {
	switch how {
	case "bar":
		return drawBars(w, stats)
	case "json":
		return w, every(progressLine, func() { writeProgress(w, "progress", stats()) })
	}
	return w, func() {}
}

func writeProgress(w io.Writer, event string, s pipeline.Stats) {
	writeJSON(w, struct {
		Event string `json:"event"`
		pipeline.Stats
	}{event, s})
}

// every calls f each period until the returned function is called.
func every(period time.Duration, f func()) (end func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(period)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f()
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// drawBars draws one bar for objects and one for bytes. Their ends move as
// long as objects are being listed.
func drawBars(w io.Writer, stats func() pipeline.Stats) (above io.Writer, end func()) {
	p := mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	objects := p.AddBar(0, mpb.PrependDecorators(decor.Name("objects ", decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			s := stats()
			text := fmt.Sprintf("%d/%d%s", s.Recorded, s.Scope(), more(s.Listing))
			if notRead := s.ByStatus["PARTIAL"] + s.ByStatus["SKIPPED"]; notRead > 0 {
				text += fmt.Sprintf(", %d incomplete", notRead)
			}
			return text
		})))
	bytes := p.AddBar(0, mpb.PrependDecorators(decor.Name("bytes ", decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			s := stats()
			return fmt.Sprintf("%s/%s, %s/s, %d found", formatBytes(s.BytesRead+s.UnchangedSize), formatBytes(s.ScopeBytes), formatBytes(rate(s)), s.Values)
		})))
	update := func() {
		s := stats()
		objects.SetTotal(max(1, s.Scope()), false)
		objects.SetCurrent(s.Recorded)
		bytes.SetTotal(max(1, s.ScopeBytes), false)
		bytes.SetCurrent(min(s.ScopeBytes, s.BytesRead+s.UnchangedSize))
	}
	stop := every(progressDraw, update)
	return p, func() {
		stop()
		update()
		objects.Abort(false)
		bytes.Abort(false)
		p.Wait()
	}
}

// showActing shows how far moves have got until end is called.
func showActing(w io.Writer, how string, state func() actState) (end func()) {
	switch how {
	case "bar":
		return drawActing(w, state)
	case "json":
		return every(progressLine, func() { writeJSON(w, state()) })
	}
	return func() {}
}

func drawActing(w io.Writer, state func() actState) (end func()) {
	p := mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	bar := p.AddBar(0, mpb.PrependDecorators(decor.Name("objects ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			s := state()
			text := fmt.Sprintf("%d/%d, %s of %s", s.ended(), s.Due, formatBytes(s.Done), formatBytes(s.Bytes))
			if s.Failed > 0 {
				text += fmt.Sprintf(", %d failed", s.Failed)
			}
			return text
		})))
	update := func() {
		s := state()
		bar.SetTotal(max(1, s.Due), false)
		bar.SetCurrent(s.ended())
	}
	stop := every(progressDraw, update)
	return func() {
		stop()
		update()
		bar.Abort(false)
		p.Wait()
	}
}

// more marks a number that still grows.
func more(listing bool) string {
	if listing {
		return "+"
	}
	return ""
}

// rate is the bytes read in a second.
func rate(s pipeline.Stats) int64 {
	if s.Seconds <= 0 {
		return 0
	}
	return int64(float64(s.BytesRead) / s.Seconds)
}
