package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cadenza/internal/inbox"
	"cadenza/internal/store"
	"cadenza/internal/track"
)

// metrics gives Prometheus figures. Those of work are read from the database when they are asked for, so that they
// are right on every node and after every restart; those of hits count in this process.
func metrics(db *store.DB, door *track.Door, reads *inbox.Loop) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &figures{db: db, door: door, reads: reads})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

type figures struct {
	db    *store.DB
	door  *track.Door
	reads *inbox.Loop
}

var (
	enrollmentsDesc = prometheus.NewDesc("cadenza_enrollments", "Enrollments by status.", []string{"status"}, nil)
	messagesDesc    = prometheus.NewDesc("cadenza_messages", "Outgoing messages by state.", []string{"state"}, nil)
	activitiesDesc  = prometheus.NewDesc("cadenza_open_activities", "Activities that are not done.", nil, nil)
	hitsDesc        = prometheus.NewDesc("cadenza_hits_total", "Hits on followed mail that were answered since the start.", nil, nil)
	lostHitsDesc    = prometheus.NewDesc("cadenza_lost_hits_total", "Hits on followed mail that could not be stored since the start.", nil, nil)
	receivedDesc    = prometheus.NewDesc("cadenza_received_total", "Mails that were read since the start, by what they are; unrelated ones are not kept.", []string{"class"}, nil)
	readingDesc     = prometheus.NewDesc("cadenza_read_mailboxes", "Mailboxes that this node reads, by how it goes.", []string{"state"}, nil)
	lagDesc         = prometheus.NewDesc("cadenza_due_lag_seconds", "How long the oldest due enrollment has waited for the engine.", nil, nil)
)

var _ prometheus.Collector = (*figures)(nil)

// Describe names the figures.
func (f *figures) Describe(out chan<- *prometheus.Desc) {
	out <- enrollmentsDesc
	out <- messagesDesc
	out <- activitiesDesc
	out <- hitsDesc
	out <- lostHitsDesc
	out <- receivedDesc
	out <- readingDesc
	out <- lagDesc
}

// Collect reads the figures.
func (f *figures) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	hits := f.door.Figures()
	out <- prometheus.MustNewConstMetric(hitsDesc, prometheus.CounterValue, float64(hits.Answered))
	out <- prometheus.MustNewConstMetric(lostHitsDesc, prometheus.CounterValue, float64(hits.Lost))
	reads := f.reads.Figures()
	for class, n := range reads.Received {
		out <- prometheus.MustNewConstMetric(receivedDesc, prometheus.CounterValue, float64(n), string(class))
	}
	for state, n := range reads.Mailboxes {
		gauge(readingDesc, float64(n), string(state))
	}
	load, err := f.db.Load(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(enrollmentsDesc, err)
		return
	}
	for status, n := range load.Enrollments {
		gauge(enrollmentsDesc, float64(n), string(status))
	}
	for state, n := range load.Messages {
		gauge(messagesDesc, float64(n), state.String())
	}
	gauge(activitiesDesc, float64(load.OpenActivities))
	lag := 0.0
	if !load.OldestDue.IsZero() {
		lag = max(0, f.db.Now().Sub(load.OldestDue).Seconds())
	}
	gauge(lagDesc, lag)
}
