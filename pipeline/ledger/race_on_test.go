//go:build race

package ledger_test

// raceSlows is how many times fewer events the largest tests take under the
// race detector, which also watches the SQLite that is written in Go.
const raceSlows = 50
