package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Moto is a running moto_server: a stand-in for the APIs of AWS, which keeps what
// it is told in memory.
type Moto struct {
	Endpoint string // http://127.0.0.1:PORT
	User     User   // whom it takes for anybody, as it checks nothing

	cmd  *exec.Cmd
	said *tail
	once sync.Once
}

// StartMoto starts the moto_server in the PATH: pip install 'moto[server]==5.2.1'.
// Close it when done.
func StartMoto(ctx context.Context, env ...string) (*Moto, error) {
	addr, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	m := &Moto{Endpoint: "http://" + addr, User: newUser("moto"), said: new(tail)}
	m.cmd = exec.Command("moto_server", "-H", host, "-p", port)
	m.cmd.Env = append(m.cmd.Environ(), env...)
	m.cmd.Stdout, m.cmd.Stderr = m.said, m.said
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the program may be a script that starts another
	if err := m.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- m.cmd.Wait() }()
	for {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			return m, conn.Close()
		}
		select {
		case err := <-ended:
			return nil, fmt.Errorf("start moto: %w: %s", errors.Join(err, errors.New("it ended")), m.said)
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("start moto: %w: %s", context.Cause(ctx), m.said), m.Close())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Close ends the server and what it started.
func (m *Moto) Close() error {
	var err error
	m.once.Do(func() { err = syscall.Kill(-m.cmd.Process.Pid, syscall.SIGKILL) })
	return err
}

// tail keeps the end of what a program says.
type tail struct {
	mu   sync.Mutex
	text string
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text += string(p)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.text)
}
