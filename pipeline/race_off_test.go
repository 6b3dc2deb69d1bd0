//go:build !race

package pipeline_test

const raceSlows = 1
