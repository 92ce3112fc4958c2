package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// abTestShape is an A/B test with its figures.
type abTestShape struct {
	Step      string         `json:"step" doc:"The id of its step."`
	Title     string         `json:"title"`
	State     string         `json:"state" enum:"running,stopped,ended"`
	Metric    string         `json:"metric" enum:"opened,link_opened,replied" doc:"What counts."`
	Chosen    string         `json:"chosen,omitempty" doc:"The variant that everybody gets now: a or b; absent while it runs."`
	Reason    string         `json:"reason,omitempty" doc:"Why it was chosen."`
	StartedAt time.Time      `json:"started_at"`
	EndsAt    *time.Time     `json:"ends_at,omitempty" doc:"When it ends at the latest."`
	DecidedAt *time.Time     `json:"decided_at,omitempty"`
	Variants  []variantShape `json:"variants"`
}

// variantShape is one email of the test.
type variantShape struct {
	Variant  string      `json:"variant" enum:"a,b"`
	Name     string      `json:"name,omitempty"`
	Template string      `json:"template"`
	Share    int         `json:"share" doc:"Percent of the records that get it while the test runs."`
	Tested   countsShape `json:"tested" doc:"Of the emails sent while the test ran."`
	Later    countsShape `json:"later" doc:"Of those sent since it was decided."`
}

type countsShape struct {
	Sent       int64 `json:"sent"`
	Opened     int64 `json:"opened"`
	LinkOpened int64 `json:"link_opened"`
	Replied    int64 `json:"replied"`
}

type testStop struct {
	ID   id[ident.Sequence] `path:"id"`
	Step string             `path:"step" doc:"The id of the test's step."`
	Body struct {
		Variant string `json:"variant" enum:"a,b" doc:"The variant that everybody gets from now on."`
	}
}

func (d *door) abTests() {
	handle(d, get("/sequences/{id}/tests", "list-ab-tests", "List the A/B tests of a sequence with their figures"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Sequence]) (page[abTestShape], error) {
			tests, err := d.app.ABTests(ctx, actor, in.ID.Key)
			return list(tests, abTestOf), err
		})
	handle(d, post("/sequences/{id}/tests/{step}/stop", "stop-ab-test", "End a running A/B test, and choose the variant that everybody gets from now on"),
		func(ctx context.Context, actor access.Actor, in *testStop) (abTestShape, error) {
			t, err := d.app.StopABTest(ctx, actor, in.ID.Key, in.Step, in.Body.Variant)
			if err != nil {
				return abTestShape{}, err
			}
			return abTestOf(t), nil
		})
}

func abTestOf(t action.ABTestView) abTestShape {
	states := map[store.TestState]string{store.TestRunning: "running", store.TestStopped: "stopped", store.TestEnded: "ended"}
	return abTestShape{
		Step: t.Step, Title: t.Title, State: states[t.State], Metric: string(t.Metric), Chosen: t.Chosen, Reason: t.Reason,
		StartedAt: t.StartedAt, EndsAt: moment(t.EndsAt), DecidedAt: moment(t.DecidedAt), Variants: each(t.Variants[:], variantOf),
	}
}

func variantOf(v action.VariantView) variantShape {
	return variantShape{Variant: v.Letter, Name: v.Name, Template: v.Template, Share: v.Share, Tested: countsOf(v.Tested), Later: countsOf(v.Later)}
}

func countsOf(c store.VariantCount) countsShape {
	return countsShape{Sent: c.Sent, Opened: c.Results[step.Opened], LinkOpened: c.Results[step.LinkOpened], Replied: c.Results[step.Answered]}
}
