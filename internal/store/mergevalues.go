package store

import (
	"strings"

	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/record"
)

// The merge fields beside those of the record.
const (
	mergeName            = "name"
	mergeSenderName      = "sender.name"
	mergeSenderFirstName = "sender.first_name"
	mergeSenderEmail     = "sender.email"
	mergeSequenceName    = "sequence.name"
	mergeOptOut          = "unsubscribe_link"
)

// MergeField is a merge field as editors offer it.
type MergeField struct{ Name, Label string }

// MergeFields lists the merge fields of a kind of record; of all kinds when kind is empty.
func MergeFields(kind record.Kind) []MergeField {
	list := []MergeField{{mergeName, "Name of the record"}}
	seen := map[string]bool{mergeName: true}
	for _, k := range record.Kinds() {
		if kind != "" && kind != k {
			continue
		}
		for _, f := range record.Fields(k) {
			if !seen[f.Key] {
				seen[f.Key] = true
				list = append(list, MergeField{f.Key, f.Label})
			}
		}
	}
	list = append(list, relatedMergeFields(kind)...)
	return append(list, MergeField{mergeSenderName, "Sender's name"}, MergeField{mergeSenderFirstName, "Sender's first name"},
		MergeField{mergeSenderEmail, "Sender's email"}, MergeField{mergeSequenceName, "Name of the sequence"},
		MergeField{mergeOptOut, "Link to opt out"})
}

// relatedMergeFields are those of the records that records of the kind name.
func relatedMergeFields(kind record.Kind) []MergeField {
	var list []MergeField
	seen := map[string]bool{}
	for _, k := range record.Kinds() {
		for _, lookup := range record.Lookups(k) {
			if kind != "" && kind != k || seen[lookup.Key] {
				continue
			}
			seen[lookup.Key] = true
			name := lookup.Key + "." + mergeName
			list = append(list, MergeField{name, lookup.Label + ": Name"})
			for _, f := range record.RelatedFields(lookup) {
				if f.Key != name {
					list = append(list, MergeField{f.Key, f.Label})
				}
			}
		}
	}
	return list
}

// KnownMergeField tells whether records of the kind (any kind, when it is empty) have the merge field. Templates are
// checked with it, both when they are saved and when a sequence is activated.
func KnownMergeField(kind record.Kind, name string) bool {
	for _, f := range MergeFields(kind) {
		if f.Name == name {
			return true
		}
	}
	return false
}

// MergeValues gives the values of the merge fields for a mail to this record, from this sender and address. related are the
// records that it names (Tx.Related). The composer and delivery both fill templates with it.
func MergeValues(rec record.Record, related map[ident.Record]record.Record, sender User, senderAddress, sequence string) merge.Values {
	values := make(merge.Values, len(rec.Values)+5)
	for k, v := range rec.Values {
		values[k] = v
	}
	for _, lookup := range record.Lookups(rec.Kind) {
		delete(values, lookup.Key) // an id is nothing to write to a customer
		r, ok := related[linkOf(rec, lookup.Key)]
		if !ok {
			continue
		}
		for k, v := range r.Values {
			values[lookup.Key+"."+k] = v
		}
		values[lookup.Key], values[lookup.Key+"."+mergeName] = r.Name(), r.Name()
	}
	values[mergeName] = rec.Name()
	values[mergeSenderName] = sender.Name
	values[mergeSenderFirstName], _, _ = strings.Cut(strings.TrimSpace(sender.Name), " ")
	values[mergeSenderEmail] = senderAddress
	values[mergeSequenceName] = sequence
	values[mergeOptOut] = message.OptOutLink
	return values
}
