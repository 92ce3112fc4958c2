package record

import "slices"

// Type says how the text of a value is read.
type Type string

// The types of fields.
const (
	Text     Type = "text"     // one line, at most 255 characters
	LongText Type = "longtext" // at most 10,000 characters
	Email    Type = "email"    // one address, lower-cased domain
	Phone    Type = "phone"    // E.164 where it can be told, else as written
	URL      Type = "url"      // http or https
	Number   Type = "number"   // decimal point, no grouping
	Date     Type = "date"     // 2006-01-02
	Bool     Type = "bool"     // "true" or "" (false)
	Choice   Type = "choice"   // one of Options
	Zone     Type = "zone"     // IANA time zone
	Lookup   Type = "lookup"   // the outward id of a record of the kind Names
)

// Field describes one field of one or more kinds.
type Field struct {
	Key     string
	Label   string
	Type    Type
	Options []string
	// Names is the kind of the records that a Lookup names.
	Names Kind
	// Synonyms are other headings under which files carry this field, in lower case.
	Synonyms []string
	kinds    []Kind
	required bool
}

// On tells whether records of this kind have the field.
func (f Field) On(kind Kind) bool {
	for _, k := range f.kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// Required tells whether a record needs a value here.
func (f Field) Required() bool { return f.required }

var (
	every  = []Kind{Lead, Opportunity, Contact, Account}
	people = []Kind{Lead, Opportunity, Contact}
)

// all lists every field in the order of forms. status is added per kind because its options differ.
func all() []Field {
	return []Field{
		{Key: "name", Label: "Name", Type: Text, kinds: []Kind{Opportunity, Account}, required: true, Synonyms: []string{"topic", "opportunity", "account name", "deal", "title", "thema", "bezeichnung"}},
		{Key: "first_name", Label: "First name", Type: Text, kinds: people, Synonyms: []string{"firstname", "given name", "vorname", "prénom", "nombre"}},
		{Key: "last_name", Label: "Last name", Type: Text, kinds: people, Synonyms: []string{"lastname", "surname", "family name", "nachname", "nom", "apellido", "apellidos", "full name", "contact"}},
		{Key: "company", Label: "Company", Type: Text, kinds: people, Synonyms: []string{"firma", "unternehmen", "société", "entreprise", "empresa", "organisation", "organization", "account"}},
		{Key: "account", Label: "Account", Type: Lookup, Names: Account, kinds: people, Synonyms: []string{"parent account", "customer account"}},
		{Key: "contact", Label: "Contact", Type: Lookup, Names: Contact, kinds: []Kind{Opportunity}, Synonyms: []string{"primary contact", "contact person"}},
		{Key: "job_title", Label: "Job title", Type: Text, kinds: people, Synonyms: []string{"position", "role", "funktion", "poste", "cargo"}},
		{Key: "email", Label: "Email", Type: Email, kinds: every, Synonyms: []string{"e-mail", "mail", "email address", "e-mail-adresse", "courriel", "correo"}},
		{Key: "phone", Label: "Phone", Type: Phone, kinds: every, Synonyms: []string{"telephone", "telefon", "téléphone", "teléfono", "business phone", "work phone", "tel"}},
		{Key: "mobile", Label: "Mobile", Type: Phone, kinds: people, Synonyms: []string{"mobile phone", "cell", "handy", "mobil", "portable", "móvil"}},
		{Key: "home_phone", Label: "Home phone", Type: Phone, kinds: people, Synonyms: []string{"private phone", "telefon privat", "téléphone domicile", "teléfono particular"}},
		{Key: "website", Label: "Website", Type: URL, kinds: every, Synonyms: []string{"web site", "url", "homepage", "site web", "webseite"}},
		{Key: "linkedin", Label: "LinkedIn profile", Type: URL, kinds: people, Synonyms: []string{"linkedin url", "linkedin link", "linkedin-profil", "profil linkedin"}},
		{Key: "city", Label: "City", Type: Text, kinds: every, Synonyms: []string{"town", "ort", "stadt", "ville", "ciudad"}},
		{Key: "country", Label: "Country", Type: Text, kinds: every, Synonyms: []string{"land", "pays", "país"}},
		{Key: "time_zone", Label: "Time zone", Type: Zone, kinds: every, Synonyms: []string{"timezone", "zeitzone", "tz"}},
		{Key: "stage", Label: "Stage", Type: Choice, Options: []string{"new", "qualify", "develop", "propose", "close"}, kinds: []Kind{Lead, Opportunity}, Synonyms: []string{"phase", "étape", "etapa"}},
		{Key: "value", Label: "Value", Type: Number, kinds: []Kind{Lead, Opportunity}, Synonyms: []string{"amount", "revenue", "estimated revenue", "betrag", "wert", "montant", "importe"}},
		{Key: "score", Label: "Score", Type: Number, kinds: []Kind{Lead, Opportunity}, Synonyms: []string{"lead score", "rating", "predictive score", "punkte"}},
		{Key: "close_date", Label: "Expected close", Type: Date, kinds: []Kind{Opportunity}, Synonyms: []string{"close date", "expected close date", "abschluss"}},
		{Key: "company_size", Label: "Company size", Type: Number, kinds: every, Synonyms: []string{"employees", "size", "mitarbeiter", "effectif"}},
		{Key: "source", Label: "Source", Type: Text, kinds: every, Synonyms: []string{"lead source", "quelle", "origine"}},
		{Key: "do_not_email", Label: "Do not email", Type: Bool, kinds: every, Synonyms: []string{"email opt out", "opted out", "no email"}},
		{Key: "do_not_track", Label: "Do not follow email", Type: Bool, kinds: every, Synonyms: []string{"do not track", "no tracking", "tracking opt out"}},
		{Key: "do_not_text", Label: "Do not text", Type: Bool, kinds: every, Synonyms: []string{"do not sms", "sms opt out", "no texts", "text opt out"}},
		{Key: "do_not_phone", Label: "Do not phone", Type: Bool, kinds: every, Synonyms: []string{"do not call", "no calls"}},
		{Key: "description", Label: "Description", Type: LongText, kinds: every, Synonyms: []string{"notes", "comment", "bemerkung", "notiz", "remarque"}},
	}
}

// fieldsOf holds the fields of each kind. They are built once, because every row of an import asks for them.
var fieldsOf = func() map[Kind][]Field {
	m := map[Kind][]Field{}
	for _, k := range Kinds() {
		m[k] = build(k)
	}
	return m
}()

func build(kind Kind) []Field {
	status := Field{Key: "status", Label: "Status", Type: Choice, Options: Statuses(kind), kinds: []Kind{kind}, Synonyms: []string{"state", "statut", "estado"}}
	var fields []Field
	for _, f := range all() {
		if !f.On(kind) {
			continue
		}
		if f.Key == "website" {
			fields = append(fields, status)
		}
		fields = append(fields, f)
	}
	return fields
}

// Fields lists the fields of a kind in the order of forms.
func Fields(kind Kind) []Field { return slices.Clone(fieldsOf[kind]) }

// FieldOf gives the field of a kind by its key.
func FieldOf(kind Kind, key string) (Field, bool) {
	for i := range fieldsOf[kind] {
		if fieldsOf[kind][i].Key == key {
			return fieldsOf[kind][i], true
		}
	}
	return Field{}, false
}
