package step

import (
	"fmt"
	"hash/fnv"
)

// Variant says which of the two emails of an A/B test a message is, and whether the test was still running.
type Variant int16

// The variants. Those of a running test are compared; those sent once it is decided are not.
const (
	NoVariant Variant = 0
	TestedA   Variant = 1
	TestedB   Variant = 2
	ChosenA   Variant = 3
	ChosenB   Variant = 4
)

// Letter gives "a" or "b", "" for no variant.
func (v Variant) Letter() string {
	switch v {
	case TestedA, ChosenA:
		return VariantA
	case TestedB, ChosenB:
		return VariantB
	case NoVariant:
	}
	return ""
}

// The letters of the variants, as configurations have them. A is the control by convention (spec.md 1.6).
const (
	VariantA = "a"
	VariantB = "b"
)

// Label gives a variant's letter as people read it: "Variant A".
func (v Variant) Label() string {
	switch v.Letter() {
	case VariantA:
		return "Variant A"
	case VariantB:
		return "Variant B"
	}
	return ""
}

// The bounds of the share of variant A, in percent (spec.md 1.6).
const (
	LowestShare  = 10
	HighestShare = 90
)

var abTestKind = Kind{
	Type:  "ab_test",
	Label: "A/B test",
	Help:  "Cadenza sends one of two emails by itself, finds out which one does better, and sends that one from then on.",
	Group: Steps,
	Mails: true,
	Tests: true,
	Fields: append([]Field{
		{Key: "name_a", Label: "Name of variant A", Type: TextField, Hint: "The control, for instance the email that you send today."},
		{Key: "template_a", Label: "Template of variant A", Type: TemplateField, Required: true},
		{Key: "name_b", Label: "Name of variant B", Type: TextField},
		{Key: "template_b", Label: "Template of variant B", Type: TemplateField, Required: true},
		{
			Key: "share_a", Label: "Share of variant A", Type: PercentField, Required: true, Low: LowestShare, High: HighestShare, Initial: "50",
			Hint: "How many percent of the records get A while the test runs; the others get B.",
		},
		{
			Key: "metric", Label: "What counts", Type: ChoiceField, Required: true, Initial: string(LinkOpened), Hint: "The variant with the higher share of it wins.",
			Options: []Option{{string(Opened), "Opened"}, {string(LinkOpened), "Link opened"}, {string(Answered), "Replied"}},
		},
		{Key: "ends_at", Label: "Ends at the latest", Type: MomentField, Hint: "In the organisation's time zone. Without it the test runs until one variant is clearly better."},
		{
			Key: "default", Label: "Without a winner send", Type: ChoiceField, Required: true, Initial: VariantA,
			Options: []Option{{VariantA, "Variant A"}, {VariantB, "Variant B"}},
		},
		threadField(),
	}, lateFields()...),
	Check: func(s Step) Flaw {
		if a := s.Config.Text("template_a"); a != "" && a == s.Config.Text("template_b") {
			return Flaw{"template_b", "same", "Both variants send the same template, so nothing can be compared.", "Choose another template for one of them."}
		}
		return Flaw{}
	},
	Enter: func(in In) Out {
		if why := in.Facts.NoEmail(); why != "" {
			return Leave(Skipped, why)
		}
		v := drawVariant(in)
		if out, ok := late(in, automatedEmailKind.Type); ok {
			if !out.Left {
				out = handedWith(in, automatedEmailKind.Type, in.Step.Config.Text("template_"+v.Letter()), LateReason(in.Late))
			}
			return out
		}
		return Stay(ForMail, zero, SendMail{Template: in.Step.Config.Text("template_" + v.Letter()), Variant: v})
	},
	Handle: func(in In, ev Event) Out {
		if in.Wait == ForPerson {
			return byHand(ev)
		}
		switch e := ev.(type) {
		case MailSent:
			return Leave(Sent, variantText(in.Step, e.Variant))
		case MailRefused:
			return Leave(Skipped, e.Reason)
		case MailFailed:
			return handedWith(in, automatedEmailKind.Type, in.Step.Config.Text("template_"+drawVariant(in).Letter()), e.Reason)
		}
		return Ignore()
	},
}

// drawVariant gives the variant that an enrollment gets: the decided one, or while the test runs one by a number made of
// enrollment and step, which is as good as chance and the same whenever it is asked.
func drawVariant(in In) Variant {
	switch in.Facts.Chosen[in.Step.ID] {
	case VariantA:
		return ChosenA
	case VariantB:
		return ChosenB
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d/%s", int64(in.Token.Enrollment), in.Step.ID)
	if mix(h.Sum64())%100 < uint64(in.Step.Config.Number("share_a")) {
		return TestedA
	}
	return TestedB
}

// mix spreads a number's bits, because those of neighbouring enrollments' sums are alike (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// variantText says which variant was sent: "Variant B, Short and direct".
func variantText(s Step, v Variant) string {
	if v == NoVariant {
		return ""
	}
	if name := s.Config.Text("name_" + v.Letter()); name != "" {
		return v.Label() + ", " + name
	}
	return v.Label()
}
