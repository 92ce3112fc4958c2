package delivery

import (
	"testing"
	"time"

	"cadenza/internal/hit"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// BenchmarkBuild makes one followed email again and again, of a template that was read before.
func BenchmarkBuild(b *testing.B) {
	tracking := Tracking{Signer: hit.NewSigner([]byte("a key of this benchmark")), BaseURL: "https://links.test"}
	e := &emails{c: Config{Tracking: tracking}, fills: newFills(), skeletons: newSkeletons()}
	c := &store.MailCandidate{
		Record: record.Record{ID: 7, Values: record.Values{"email": "ann.lee@customer.test", "first_name": "Ann"}}, RecordFound: true,
		Template: store.Template{
			ID: 1, Version: 1, TemplateContent: store.TemplateContent{Subject: "Hello {{ first_name }}", HTML: `<p>Hello {{ first_name }},</p><p>you asked us about the price of delivery, so here it is: <a href="https://shop.test/prices?for=you">our prices</a>. ` +
				`They hold until the end of the year, and we deliver on the next day wherever you are.</p><p>Kind regards</p>`},
		},
		TemplateFound: true, Live: true,
		User:     store.User{Name: "Sam Seller"},
		Mailbox:  store.Mailbox{ID: 1, Address: "sam@seller.test", SenderName: "Sam Seller"},
		Message:  store.Message{ID: 12, RFCID: "0a1b2c3d4e5f.12@seller.test", AttemptAt: time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC), Template: "intro", Follow: true},
		Tracking: store.Tracking{On: true},
	}
	v := tracking.follow(c, accompany(c, tracking.letOut(c, e.content(c))))
	if v.Kind != store.Pass || len(v.Links) == 0 {
		b.Fatalf("the gate says %v %q, with links %v", v.Kind, v.Reason, v.Links)
	}
	c.Message, c.Places, c.Links = v.Message, v.Places, map[string]int{v.Links[0]: 1}
	var room []byte
	b.ReportAllocs()
	for b.Loop() {
		raw, _, err := build(room[:0], c, tracking, nil, false)
		if err != nil {
			b.Fatal(err)
		}
		room = raw
	}
}
