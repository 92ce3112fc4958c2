package importer

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// leadFields are fields as a lead has them; those without synonyms rely on the built-in list.
var leadFields = []FieldInfo{
	{Key: "first_name", Label: "First name"},
	{Key: "last_name", Label: "Last name", Synonyms: []string{"full name"}},
	{Key: "company", Label: "Company"},
	{Key: "job_title", Label: "Position"},
	{Key: "email", Label: "Email"},
	{Key: "phone", Label: "Phone"},
	{Key: "mobile", Label: "Mobile"},
	{Key: "website", Label: "Website"},
	{Key: "city", Label: "City"},
	{Key: "country", Label: "Country"},
	{Key: "company_size", Label: "Company size"},
	{Key: "source", Label: "Source"},
	{Key: "description", Label: "Description"},
	{Key: "favourite_tea", Label: "Favourite tea"},
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		// our own export, and its labels
		"first_name,last_name,email,company_size":  "first_name,last_name,email,company_size",
		"First name,Last name,Email,Favourite tea": "first_name,last_name,email,favourite_tea",
		// other programs
		"First Name,Last Name,Email Address,Company Name,Job-Title,Phone Number":        "first_name,last_name,email,company,job_title,phone",
		"FirstName,LastName,Company,Title,Email,MobilePhone,LeadSource":                 "first_name,last_name,company,job_title,email,mobile,source",
		"Given Name,Family Name,E-mail 1 - Value,Phone 1 - Value,Organization 1 - Name": "first_name,last_name,email,phone,company",
		"Full Name,Business Phone,Company Name,Country/Region,No. of Employees":         "last_name,phone,company,country,company_size",
		// languages
		"Vorname;Nachname;Firma;Funktion;E-Mail-Adresse;Telefon;Handy;Ort;Land":             "first_name;last_name;company;job_title;email;phone;mobile;city;country",
		"Prénom;Nom;Société;Poste;Courriel;Téléphone;Portable;Ville;Pays;Remarques":         "first_name;last_name;company;job_title;email;phone;mobile;city;country;description",
		"Nombre;Apellidos;Empresa;Cargo;Correo electrónico;Teléfono;Móvil;Ciudad;País":      "first_name;last_name;company;job_title;email;phone;mobile;city;country",
		"Nome;Cognome;Azienda;Ruolo;E-mail;Telefono;Cellulare;Città;Sito web;N. dipendenti": "first_name;last_name;company;job_title;email;phone;mobile;city;website;",
		"VORNAME;NACHNAME;UNTERNEHMENSGRÖSSE;Branche":                                       "first_name;last_name;company_size;",
		"Unternehmensgroesse;Bemerkungen":                                                   "company_size;description",
		// additions, marks and doubles
		"Email *;Phone (work);Primary company;Contact: city": "email;phone;company;city",
		"Email;E-mail;Mail":                     "email;;",
		"Work email;Email":                      ";email",
		"Email 2;Email 1":                       "email;",
		"Telefon mobil;Telefon geschäftlich":    "mobile;phone",
		" email ;;\u00a0Company;?":              "email;;company;",
		"Import line;Import problem;Budget;???": ";;;",
	} {
		delimiter := ";"
		if !strings.Contains(header, delimiter) {
			delimiter = ","
		}
		got := strings.Join(Guess(strings.Split(header, delimiter), leadFields), delimiter)
		if got != want {
			t.Errorf("Guess(%s)\n got %s\nwant %s", header, got, want)
		}
	}
}

// A field's own words come before the built-in list, and a custom field takes part by its own synonyms.
func TestGuessPrefersTheFieldsOwnWords(t *testing.T) {
	t.Parallel()
	fields := []FieldInfo{
		{Key: "job_title", Label: "Position"},
		{Key: "name", Label: "Name", Synonyms: []string{"title", "Thema"}},
		{Key: "x_shoe", Label: "Shoe size", Synonyms: []string{"Schuhgröße"}},
	}
	got := Guess([]string{"Title", "Position", "schuhgroesse", "THEMA"}, fields)
	if want := []string{"name", "job_title", "x_shoe", ""}; !slices.Equal(got, want) {
		t.Errorf("Guess = %q, want %q", got, want)
	}
}

func TestGuessGivesEachFieldOnce(t *testing.T) {
	t.Parallel()
	var headings []string
	for _, g := range synonyms {
		headings = append(headings, g.headings...)
	}
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(headings), rapid.String())).Draw(t, "header")
		mapping := Guess(header, leadFields)
		if len(mapping) != len(header) {
			t.Fatalf("%d columns for %d", len(mapping), len(header))
		}
		seen := map[string]bool{}
		for _, key := range mapping {
			known := slices.ContainsFunc(leadFields, func(f FieldInfo) bool { return f.Key == key })
			if key != "" && (seen[key] || !known) {
				t.Fatalf("Guess(%q) = %q", header, mapping)
			}
			seen[key] = true
		}
	})
}

// A heading that stood in two groups would mean whichever comes last.
func TestSynonymsMeanOneThing(t *testing.T) {
	t.Parallel()
	about := map[string]string{}
	for _, g := range synonyms {
		for _, heading := range g.headings {
			key := plain(heading)
			if other, twice := about[key]; twice {
				t.Errorf("%q stands for %s and for %s", heading, other, g.about)
			}
			about[key] = g.about
		}
	}
}
