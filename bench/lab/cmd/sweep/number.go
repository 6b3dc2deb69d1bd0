package main

import (
	"encoding/json"
	"strconv"
)

// number is a measured value: no more than four of its digits mean anything,
// and no more are printed.
type number float64

// MarshalJSON writes n with four digits.
func (n number) MarshalJSON() ([]byte, error) {
	f, err := strconv.ParseFloat(strconv.FormatFloat(float64(n), 'g', 4, 64), 64)
	if err != nil {
		return nil, err
	}
	return json.Marshal(f)
}
