// Package merge fills merge fields in templates: {{ first_name | default: "there" }}.
//
// It holds the reader of templates (Parse), what a template asks for (Fields, Unknown) and the filling (Fill, FillLine).
// The language is the safe part of Liquid:
//
//	{{ company }}  {{ record.company }}  {{ sender.name }}          a field; "record." may be left out
//	{{ first_name | default: "there" | capitalize }}                default, upcase, downcase, capitalize, strip
//	{% if city %} ... {% else %} ... {% endif %}                    if and unless, on a field alone
//
// Anything else of Liquid is refused with its line and column: loops, includes, assignments, comparisons. Three things
// are wider than Liquid, because templates come out of editors: a blank value counts as none; &nbsp; and line breaks
// are spaces inside of a tag; &quot; is a quote there.
//
// Templates are compiled to pieces of our own, and osteele/liquid judges them in the tests (liquid_test.go) instead of
// running underneath: it sends an unclosed {{ as text, knows no columns, cannot tell which fields had no value, and does
// not escape. Every one of these would put a hole or foreign markup into a mail that nobody looks at before it leaves.
//
// It must never read a value as template text, look anything up by itself, or write a value into HTML unescaped. It
// does not judge where in the HTML a value stands: a template that puts a field into a link's address or a script is
// its author's to answer for.
//
// Start reading at Parse, then Template.Fill.
package merge
