package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind of a request.
type Kind string

const (
	List       Kind = "ListObjectsV2"
	Get        Kind = "GetObject"
	Head       Kind = "HeadObject"
	HeadBucket Kind = "HeadBucket"
	Put        Kind = "PutObject"
	Copy       Kind = "CopyObject"
	Delete     Kind = "DeleteObject"
	Create     Kind = "CreateMultipartUpload"
	Part       Kind = "UploadPart"
	PartCopy   Kind = "UploadPartCopy"
	Complete   Kind = "CompleteMultipartUpload"
	Abort      Kind = "AbortMultipartUpload"
	SetTags    Kind = "PutObjectTagging"
	Other      Kind = "other"
)

// Request is one that came through a proxy.
type Request struct {
	Kind   Kind
	Bucket string
	Key    string
	Range  string // the header, "" for the whole object
}

// Fault is what a proxy does to some of the requests. With the zero value of
// the fields that choose, it does so to all.
type Fault struct {
	Kind Kind   // only requests of this kind
	Key  string // only requests for this key
	Skip int    // leave the first so many alone
	Hits int    // and those after so many more; 0 means never

	Delay  time.Duration // before the request is passed on
	Before func()        // called before the request is passed on

	// Status, if set, is answered instead of passing the request on, with Code
	// and Message in S3's error document.
	Status  int
	Code    string
	Message string

	// Forget lists headers of the request that are not passed on. A server that
	// checks signatures does not let that pass.
	Forget []string

	Lose bool // the connection is closed when the answer is there: it was done, and nobody hears of it

	Edit func(*http.Response) // called with the answer; may change it

	// At is the number of bytes of the answer's body after which Do happens.
	At int64
	Do Action

	During func() // called after At bytes of the body have been passed on
}

// Action is what happens in the middle of a body.
type Action int

const (
	Nothing  Action = iota
	Reset           // the connection is reset
	Truncate        // the connection is closed as if the body ended
	Corrupt         // one bit of the next byte is flipped
	Stall           // nothing more comes, and the connection stays open
)

// Proxy passes requests on to a gateway and can make them fail. It keeps the
// Host header, so that signatures stay valid.
type Proxy struct {
	Endpoint string

	server  *http.Server
	onward  *http.Transport // to the gateway
	closing chan struct{}

	mu       sync.Mutex
	faults   []*armed
	requests []Request
	conns    int
}

// armed is a fault with the number of requests that it has seen.
type armed struct {
	Fault
	seen int
}

// StartProxy starts a proxy in front of endpoint.
func StartProxy(endpoint string) (*Proxy, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	p := &Proxy{
		Endpoint: "http://" + l.Addr().String(),
		onward:   &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256},
		closing:  make(chan struct{}),
	}
	p.server = &http.Server{
		Handler:     p.handler(target),
		ErrorLog:    log.New(io.Discard, "", 0), // it would report the faults
		ConnState:   p.connState,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	go p.server.Serve(l)
	return p, nil
}

// Close stops the proxy and breaks what goes through it.
func (p *Proxy) Close() error {
	close(p.closing)
	err := p.server.Close()
	p.onward.CloseIdleConnections()
	return err
}

// Inject adds faults. Of those that fit a request the first one that is not
// used up is applied.
func (p *Proxy) Inject(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		p.faults = append(p.faults, &armed{Fault: f})
	}
}

// Heal removes all faults.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// Requests returns what came since the last call.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.requests
	p.requests = nil
	return got
}

// Connections returns how many are open.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conns
}

// Count returns how many of the requests are of a kind.
func Count(requests []Request, k Kind) int {
	n := 0
	for _, r := range requests {
		if r.Kind == k {
			n++
		}
	}
	return n
}

func (p *Proxy) connState(_ net.Conn, s http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch s {
	case http.StateNew:
		p.conns++
	case http.StateClosed, http.StateHijacked:
		p.conns--
	}
}

type (
	connKey  struct{}
	faultKey struct{}
)

func (p *Proxy) handler(target *url.URL) http.Handler {
	pass := &httputil.ReverseProxy{
		Transport:     p.onward,
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(resp *http.Response) error {
			if f, ok := resp.Request.Context().Value(faultKey{}).(Fault); ok {
				p.spoil(resp, f)
			}
			return nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := p.note(describe(r))
		if f.Delay > 0 && !p.wait(r.Context(), f.Delay) {
			panic(http.ErrAbortHandler)
		}
		if f.Before != nil {
			f.Before()
		}
		for _, name := range f.Forget {
			r.Header.Del(name)
		}
		if f.Status != 0 {
			io.Copy(io.Discard, r.Body) // or the client may see a reset before the answer
			refuse(w, f)
			return
		}
		pass.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), faultKey{}, f)))
	})
}

// note records a request and returns the fault for it.
func (p *Proxy) note(r Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, r)
	for _, f := range p.faults {
		if (f.Kind != "" && f.Kind != r.Kind) || (f.Key != "" && f.Key != r.Key) {
			continue
		}
		if f.Hits > 0 && f.seen >= f.Skip+f.Hits {
			continue
		}
		if f.seen++; f.seen > f.Skip {
			return f.Fault
		}
	}
	return Fault{}
}

// wait reports false if the client or the proxy went away first.
func (p *Proxy) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-p.closing:
	}
	return false
}

func describe(r *http.Request) Request {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	got := Request{Kind: Other, Bucket: bucket, Key: key, Range: r.Header.Get("Range")}
	switch {
	case r.Method == http.MethodGet && key == "" && r.URL.Query().Get("list-type") == "2":
		got.Kind = List
	case r.Method == http.MethodHead && key == "":
		got.Kind = HeadBucket
	case r.Method == http.MethodHead:
		got.Kind = Head
	case key != "" && kindOf(r) != "":
		got.Kind = kindOf(r)
	case r.Method == http.MethodGet && key != "" && (r.URL.RawQuery == "" || slices.Contains(r.URL.Query()["x-id"], "GetObject")):
		got.Kind = Get
	}
	return got
}

// kindOf tells the requests that change an object; "" if r is none.
func kindOf(r *http.Request) Kind {
	q := r.URL.Query()
	copies := r.Header.Get("X-Amz-Copy-Source") != ""
	switch {
	case r.Method == http.MethodPost && q.Has("uploads"):
		return Create
	case r.Method == http.MethodPost && q.Has("uploadId"):
		return Complete
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		return Abort
	case r.Method == http.MethodDelete && !q.Has("tagging"):
		return Delete
	case r.Method == http.MethodPut && q.Has("partNumber") && copies:
		return PartCopy
	case r.Method == http.MethodPut && q.Has("partNumber"):
		return Part
	case r.Method == http.MethodPut && q.Has("tagging"):
		return SetTags
	case r.Method == http.MethodPut && copies:
		return Copy
	case r.Method == http.MethodPut && !q.Has("legal-hold") && !q.Has("retention") && !q.Has("acl"):
		return Put
	}
	return ""
}

// refuse answers with S3's error document.
func refuse(w http.ResponseWriter, f Fault) {
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("X-Amz-Request-Id", "LAB0000000000001")
	w.WriteHeader(f.Status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, f.Code, f.Message)
}

func (p *Proxy) spoil(resp *http.Response, f Fault) {
	if f.Lose {
		resp.Body.Close()
		panic(http.ErrAbortHandler)
	}
	if f.Edit != nil {
		f.Edit(resp)
	}
	if f.Do == Nothing && f.During == nil {
		return
	}
	conn, _ := resp.Request.Context().Value(connKey{}).(net.Conn)
	resp.Body = &spoiled{ReadCloser: resp.Body, fault: f, left: f.At, conn: conn, gone: resp.Request.Context().Done(), closing: p.closing}
}

// spoiled is a body to which a fault happens.
type spoiled struct {
	io.ReadCloser
	fault   Fault
	left    int64 // bytes until it happens
	done    bool
	conn    net.Conn
	gone    <-chan struct{}
	closing <-chan struct{}
}

func (s *spoiled) Read(b []byte) (int, error) {
	if s.done {
		return s.ReadCloser.Read(b)
	}
	if s.left > 0 {
		n, err := s.ReadCloser.Read(b[:min(int64(len(b)), s.left)])
		s.left -= int64(n)
		return n, err
	}
	s.done = true
	if s.fault.During != nil {
		s.fault.During()
	}
	switch s.fault.Do {
	case Reset:
		if tcp, ok := s.conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // makes the close that follows a reset
		}
		return 0, errSpoiled
	case Truncate:
		return 0, errSpoiled
	case Stall:
		select {
		case <-s.gone:
		case <-s.closing:
		}
		return 0, errSpoiled
	case Corrupt:
		n, err := s.ReadCloser.Read(b)
		if n > 0 {
			b[0] ^= 1
		}
		return n, err
	}
	return s.ReadCloser.Read(b)
}

var errSpoiled = errors.New("body broken on purpose")
