// The path lies under detectors so that what is internal there can be measured.
// It is a module of its own so that nobody else gets the peers.
module github.com/sluice-dlp/sluice/detectors/bench/literal

go 1.26.0

require (
	github.com/BobuSumisu/aho-corasick v1.0.3
	github.com/cloudflare/ahocorasick v0.0.0-20240916140611-054963ec9396
	github.com/petar-dambovaliev/aho-corasick v0.0.0-20250424160509-463d218d4745
	github.com/sluice-dlp/sluice v0.0.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/pierrec/lz4/v4 v4.1.33 // indirect
	github.com/ulikunitz/xz v0.5.17 // indirect
)

replace github.com/sluice-dlp/sluice => ../..
