package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sluice-dlp/sluice/pipeline"
)

// runCollector turns the statistics of a run into metrics when asked.
type runCollector struct {
	stats func() pipeline.Stats
}

var (
	metricListed    = prometheus.NewDesc("sluice_objects_listed_total", "Objects that the store listed.", nil, nil)
	metricFiltered  = prometheus.NewDesc("sluice_objects_filtered_total", "Objects out of scope, by the filter that they did not pass.", []string{"filter"}, nil)
	metricRecorded  = prometheus.NewDesc("sluice_objects_recorded_total", "Objects recorded, by status; UNCHANGED were not read again.", []string{"status"}, nil)
	metricReading   = prometheus.NewDesc("sluice_objects_reading", "Objects being read now.", nil, nil)
	metricListedB   = prometheus.NewDesc("sluice_listed_bytes_total", "Bytes of the objects listed.", nil, nil)
	metricReadB     = prometheus.NewDesc("sluice_read_bytes_total", "Bytes read from the store.", nil, nil)
	metricSearchedB = prometheus.NewDesc("sluice_searched_bytes_total", "Bytes searched, after decompression.", nil, nil)
	metricValues    = prometheus.NewDesc("sluice_values_total", "Values found, by detector.", []string{"detector"}, nil)
	metricSeverity  = prometheus.NewDesc("sluice_values_by_severity_total", "Values found, by severity.", []string{"severity"}, nil)
	metricGaps      = prometheus.NewDesc("sluice_gaps_total", "Parts that were not read, by reason.", []string{"reason"}, nil)
	metricRetries   = prometheus.NewDesc("sluice_object_retries_total", "Reads begun again because the object changed.", nil, nil)
)

func (c runCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c runCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.stats()
	count := func(d *prometheus.Desc, n int64, label ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), label...)
	}
	count(metricListed, s.Listed)
	count(metricListedB, s.ListedBytes)
	count(metricReadB, s.BytesRead)
	count(metricSearchedB, s.BytesSearched)
	count(metricRetries, s.Retries)
	count(metricRecorded, s.Unchanged, "UNCHANGED")
	for status, n := range s.ByStatus {
		count(metricRecorded, n, string(status))
	}
	for filter, n := range s.Filtered {
		count(metricFiltered, n, filter)
	}
	for rule, n := range s.ValuesByRule {
		count(metricValues, n, rule)
	}
	for severity, n := range s.ValuesBySeverity {
		count(metricSeverity, n, severity)
	}
	for reason, n := range s.Gaps {
		count(metricGaps, n, reason)
	}
	ch <- prometheus.MustNewConstMetric(metricReading, prometheus.GaugeValue, float64(s.Reading))
}

// serveMetrics serves /metrics on addr until stop is called.
func serveMetrics(ctx context.Context, addr string, stats func() pipeline.Stats) (stop func(), err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, withHint(fmt.Errorf("--metrics-addr: %w", err), "write HOST:PORT with a port that is free, for example 127.0.0.1:9090")
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(runCollector{stats}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	return func() {
		if err := srv.Close(); err == nil || errors.Is(err, net.ErrClosed) {
			<-served
		}
	}, nil
}
