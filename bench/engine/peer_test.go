package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain makes the test program a peer where the environment says so.
func TestMain(m *testing.M) {
	switch os.Getenv("SLUICE_TEST_PEER") {
	case "good":
		actAsPeer()
	case "mute":
	default:
		os.Exit(m.Run())
	}
}

// actAsPeer counts the 'a' of texts.
func actAsPeer() {
	fmt.Println(`{"version":"1","platform":"here"}`)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var bytes int
		var path string
		fmt.Sscanf(in.Text(), "%d %s", &bytes, &path)
		text, err := os.ReadFile(path)
		if err != nil {
			os.Exit(2)
		}
		n := strings.Count(string(text[:bytes]), "a")
		fmt.Printf("{\"seconds\":0.5,\"matches\":%d,\"by_pattern\":[%d]}\n", n, n)
	}
}

func TestPeer(t *testing.T) {
	p, err := startPeer(context.Background(), "me", []string{"SLUICE_TEST_PEER=good"}, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := p.about.String(); got != "1 (here)" {
		t.Errorf("it says it is %s", got)
	}
	banana := &text{name: "b", bytes: []byte("banana")}
	if err := banana.save(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for bytes, want := range map[int]int{6: 3, 3: 1} {
		if o, err := p.run(banana, bytes); err != nil || o.matches != want || o.seconds != 0.5 || o.byPattern[0] != want {
			t.Errorf("%d bytes: %+v, %v", bytes, o, err)
		}
	}
	if _, err := p.run(&text{name: "gone", path: "/nowhere"}, 1); err == nil {
		t.Error("a peer that dies is no error")
	}
	if err := p.stop(); err == nil {
		t.Error("its exit code is forgotten")
	}
}

func TestPeerThatIsNotThere(t *testing.T) {
	ps := &peers{about: make(map[string]about), missing: make(map[string]string)}
	ps.start(context.Background(), "absent", 1, nil, filepath.Join(t.TempDir(), "absent"))
	ps.start(context.Background(), "mute", 1, []string{"SLUICE_TEST_PEER=mute"}, os.Args[0])
	if len(ps.engines) != 0 || ps.missing["absent"] == "" || ps.missing["mute"] == "" {
		t.Errorf("missing are %v", ps.missing)
	}
	if err := ps.stop(); err != nil {
		t.Error(err)
	}
}
