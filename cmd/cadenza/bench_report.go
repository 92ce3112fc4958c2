package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// figure is one thing that was measured, beside what the machine can do at all, measured in the same run, and the goal.
type figure struct {
	Scenario string  `json:"scenario"`
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	// Reference is that of the same unit; RefName says what it is.
	Reference float64 `json:"reference,omitempty"`
	RefName   string  `json:"reference_is,omitempty"`
	Goal      string  `json:"goal,omitempty"`
	// Met is nil where there is no goal.
	Met *bool `json:"met,omitempty"`
	// CPU and RefCPU are the microseconds of processor time that this process spends on one; zero where nobody looked.
	CPU    float64 `json:"cpu_us,omitempty"`
	RefCPU float64 `json:"reference_cpu_us,omitempty"`
}

// units.
const (
	perSecond = "/s"
	millis    = "ms"
	seconds   = "s"
	micros    = "µs"
	bytesEach = "bytes"
	megabytes = "MB"
	percent   = "%"
	times     = "times"
)

// atLeast says that the figure should be this share of its reference.
func (f figure) atLeast(share float64) figure {
	f.Goal = fmt.Sprintf("≥ %.0f %%", 100*share)
	return f.judge(f.Value >= share*f.Reference)
}

// atMost says that the figure should be no more than this.
func (f figure) atMost(limit float64) figure {
	f.Goal = fmt.Sprintf("≤ %g %s", limit, f.Unit)
	return f.judge(f.Value <= limit)
}

// timesAsMuch says that the figure should be that many times its reference.
func (f figure) timesAsMuch(n float64) figure {
	f.Goal = fmt.Sprintf("≥ %g ×", n)
	return f.judge(f.Value >= n*f.Reference)
}

func (f figure) judge(met bool) figure {
	f.Met = &met
	return f
}

func (b *bench) add(f ...figure) { b.figures = append(b.figures, f...) }

// spread gives the middle, the 99th percentile and the longest of what was measured many times, in milliseconds.
func spread(name string, all []time.Duration) (p50, p99, longest figure) {
	slices.Sort(all)
	of := func(what string, i int) figure {
		f := figure{Name: name + " " + what, Unit: millis}
		if len(all) > 0 {
			f.Value = float64(all[min(i, len(all)-1)].Microseconds()) / 1000
		}
		return f
	}
	return of("p50", len(all)/2), of("p99", len(all)*99/100), of("max", len(all)-1)
}

// benchReport is what a run of the benchmark found.
type benchReport struct {
	Database string   `json:"database"`
	CPUs     int      `json:"cpus"`
	Go       string   `json:"go"`
	Figures  []figure `json:"figures"`
}

func (r *benchReport) print(env *environment, asJSON bool) error {
	r.CPUs, r.Go = runtime.NumCPU(), runtime.Version()
	if asJSON {
		encoder := json.NewEncoder(env.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	env.say("database %s, %d CPUs, %s", r.Database, r.CPUs, r.Go)
	w := tabwriter.NewWriter(env.stdout, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "scenario\tmeasured\tfigure\treference\tshare\tgoal\t\tCPU of each\treference")
	for _, f := range r.Figures {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Scenario, f.Name, written(f.Value, f.Unit), amount(f.Reference, f.Unit), f.share(), f.Goal, f.verdict(),
			amount(f.CPU, micros), amount(f.RefCPU, micros))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, f := range r.Figures {
		if f.RefName != "" {
			env.say("reference of %s: %s", f.Name, f.RefName)
		}
	}
	return nil
}

func (f figure) share() string {
	switch share := f.Value / f.Reference; {
	case f.Reference == 0:
		return ""
	case share > 9.5:
		return fmt.Sprintf("%.0f ×", share)
	default:
		return fmt.Sprintf("%.0f %%", 100*share)
	}
}

func (f figure) verdict() string {
	switch {
	case f.Met == nil:
		return ""
	case *f.Met:
		return "met"
	}
	return "missed"
}

// amount is written, and nothing for what was not measured.
func amount(v float64, unit string) string {
	if v == 0 {
		return ""
	}
	return written(v, unit)
}

func written(v float64, unit string) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f %s", v, unit)
	case v >= 10:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.2f %s", v, unit)
}
