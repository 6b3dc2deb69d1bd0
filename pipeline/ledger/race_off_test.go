//go:build !race

package ledger_test

const raceSlows = 1
