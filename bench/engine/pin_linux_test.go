package main

import (
	"slices"
	"sync"
	"testing"
)

func TestPin(t *testing.T) {
	before, err := allowedCores()
	if err != nil {
		t.Fatal(err)
	}
	home := before[len(before)-1]
	if err := pin(home); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 { // whichever threads these run on
		group.Go(func() {
			if now, err := allowedCores(); err != nil || !slices.Equal(now, []int{home}) {
				t.Errorf("bound to %v, %v; want %d", now, err, home)
			}
		})
	}
	group.Wait()
	if err := pin(before...); err != nil {
		t.Fatal(err)
	}
	if now, err := allowedCores(); err != nil || !slices.Equal(now, before) {
		t.Errorf("afterwards %v, %v; want %v", now, err, before)
	}
}
