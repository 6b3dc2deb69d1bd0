module github.com/sluice-dlp/sluice/bench/lab

go 1.26.0

require github.com/versity/versitygw v1.8.0 // indirect
