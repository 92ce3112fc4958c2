package importer

// group is the headings under which files carry one and the same thing.
type group struct {
	about    string
	headings []string // in any form that plain reduces alike
}

// additions are words of a heading that only say which of several is meant.
var additions = []string{
	"primary", "main", "default", "work", "business", "office", "direct", "lead", "contact", "person", "record", "value",
	"the", "of", "your", "required", "optional", "geschaftlich", "geschaftliche", "dienstlich", "privat", "haupt", "kontakt", "pflichtfeld",
	"professionnel", "professionnelle", "principal", "principale", "bureau", "trabajo", "oficina", "contacto", "aziendale", "ufficio",
}

// synonyms are the usual headings of exports in English, German, French, Spanish and Italian.
var synonyms = []group{
	{"email", []string{
		"email", "emails", "mail", "emailaddress", "mailaddress", "emailid", "emailadresse", "mailadresse", "elektronischepost",
		"courriel", "adresseemail", "adressemail", "adresseelectronique", "mel", "correo", "correoelectronico", "direcciondecorreo",
		"direcciondeemail", "direccionemail", "indirizzoemail", "postaelettronica", "emailaddress1",
	}},
	{"first_name", []string{
		"firstname", "givenname", "forename", "fname", "first", "vorname", "vornamen", "rufname",
		"prenom", "prenoms", "nombre", "nombres", "nombredepila", "nome",
	}},
	{"last_name", []string{
		"lastname", "surname", "familyname", "lname", "last", "nachname", "familienname", "zuname",
		"nom", "nomdefamille", "apellido", "apellidos", "primerapellido", "cognome",
	}},
	{"full_name", []string{
		"fullname", "contactname", "displayname", "personname", "namevollstandig", "vollstandigername", "ansprechpartner", "kontaktperson",
		"nomcomplet", "interlocuteur", "nombrecompleto", "nombreyapellidos", "nomecompleto", "nomecognome",
	}},
	{"company", []string{
		"company", "companyname", "account", "accountname", "organization", "organisation", "organizationname", "organisationname", "employer",
		"business", "businessname", "firma", "firmenname", "firmenbezeichnung", "unternehmen", "unternehmensname", "betrieb", "gesellschaft",
		"organisationseinheit", "societe", "nomdelasociete", "nomsociete", "entreprise", "nomdelentreprise", "raisonsociale",
		"empresa", "nombredelaempresa", "nombreempresa", "compania", "razonsocial", "sociedad", "azienda", "societa", "ragionesociale", "ditta",
	}},
	{"job_title", []string{
		"jobtitle", "title", "position", "jobposition", "role", "jobrole", "function", "jobfunction", "occupation", "designation",
		"funktion", "stelle", "stellenbezeichnung", "berufsbezeichnung", "beruf", "rolle", "positionsbezeichnung",
		"fonction", "poste", "intituledeposte", "intituleduposte", "titre", "cargo", "puesto", "puestodetrabajo", "ruolo", "qualifica", "mansione", "posizione",
	}},
	{"phone", []string{
		"phone", "phonenumber", "telephone", "telephonenumber", "tel", "telno", "phoneno", "businessphone", "workphone", "officephone", "directphone",
		"companyphone", "telefon", "telefonnummer", "telefonnr", "telnr", "rufnummer", "festnetz", "telefongeschaftlich", "durchwahl",
		"numerodetelephone", "telephonefixe", "telfixe", "fixe", "telephonebureau", "telefono", "numerodetelefono", "telefonofijo", "telf", "numeroditelefono",
	}},
	{"mobile", []string{
		"mobile", "mobilephone", "mobilenumber", "mobilephonenumber", "cell", "cellphone", "cellular", "cellphonenumber", "handy", "handynummer", "handynr",
		"mobil", "mobiltelefon", "mobilnummer", "mobilfunk", "mobilfunknummer", "phonemobile", "telefonmobil", "telmobil", "mobiltel", "portable", "telephoneportable", "telephonemobile", "telportable", "telmobile", "gsm",
		"movil", "telefonomovil", "celular", "cellulare", "telefonomobile",
	}},
	{"website", []string{
		"website", "web", "url", "homepage", "webpage", "websiteurl", "companywebsite", "domain", "companydomain", "companydomainname",
		"webseite", "internetseite", "internet", "internetadresse", "siteweb", "site", "siteinternet", "paginaweb", "sitioweb", "sito", "sitoweb",
	}},
	{"street", []string{
		"street", "streetaddress", "address", "address1", "addressline1", "mailingstreet", "strasse", "strasseundhausnummer", "strassehausnummer", "anschrift", "adresse",
		"rue", "adressepostale", "calle", "direccion", "domicilio", "via", "indirizzo",
	}},
	{"postal_code", []string{
		"zip", "zipcode", "postalcode", "postcode", "zippostalcode", "plz", "postleitzahl", "codepostal", "cp", "codigopostal", "cap", "codicepostale",
	}},
	{"city", []string{
		"city", "town", "locality", "mailingcity", "ort", "stadt", "wohnort", "ortschaft", "ville", "commune", "localite", "ciudad", "localidad", "poblacion", "municipio", "citta", "comune",
	}},
	{"state", []string{
		"state", "region", "stateregion", "stateprovince", "province", "county", "bundesland", "kanton", "departement", "provincia", "regione", "comunidadautonoma",
	}},
	{"country", []string{
		"country", "countryregion", "countrycode", "nation", "mailingcountry", "land", "staat", "landerkennzeichen", "landercode", "pays", "codepays", "pais", "paese", "nazione",
	}},
	{"time_zone", []string{"timezone", "tz", "zeitzone", "fuseauhoraire", "zonahoraria", "husohorario", "fusoorario"}},
	{"stage", []string{"stage", "leadstage", "dealstage", "salesstage", "phase", "verkaufsphase", "vertriebsphase", "etape", "etapa", "fase"}},
	{"status", []string{"status", "leadstatus", "statut", "estado", "stato", "zustand"}},
	{"value", []string{
		"value", "amount", "dealvalue", "dealamount", "estimatedvalue", "estimatedrevenue", "estrevenue", "potential", "wert", "betrag", "auftragswert", "umsatzpotenzial",
		"volumen", "montant", "valeur", "importe", "valor", "monto", "importo", "valore",
	}},
	{"currency", []string{"currency", "currencycode", "wahrung", "devise", "monnaie", "moneda", "divisa", "valuta"}},
	{"close_date", []string{
		"closedate", "expectedclosedate", "expectedclose", "estclosedate", "estimatedclosedate", "abschluss", "abschlussdatum", "erwarteterabschluss",
		"datedecloture", "dateprevue", "fechadecierre", "fechaprevistadecierre", "datadichiusura",
	}},
	{"company_size", []string{
		"companysize", "employees", "employeecount", "numberofemployees", "noofemployees", "headcount", "mitarbeiter", "mitarbeiterzahl", "anzahlmitarbeiter",
		"anzahldermitarbeiter", "beschaftigte", "unternehmensgrosse", "effectif", "effectifs", "nombredesalaries", "nombredemployes", "salaries",
		"empleados", "numerodeempleados", "plantilla", "dipendenti", "numerodipendenti",
	}},
	{"industry", []string{"industry", "sector", "branche", "wirtschaftszweig", "secteur", "secteurdactivite", "industrie", "industria", "settore"}},
	{"department", []string{"department", "dept", "abteilung", "service", "departamento", "reparto", "dipartimento"}},
	{"salutation", []string{"salutation", "prefix", "honorific", "anrede", "civilite", "tratamiento", "saludo", "appellativo"}},
	{"language", []string{"language", "preferredlanguage", "sprache", "langue", "idioma", "lingua"}},
	{"source", []string{"source", "leadsource", "originalsource", "leadorigin", "quelle", "herkunft", "leadquelle", "origine", "provenance", "origen", "fuente", "fonte"}},
	{"owner", []string{"owner", "owneremail", "leadowner", "accountowner", "assignedto", "salesrep", "seller", "besitzer", "zustandig", "betreuer", "verkaufer", "proprietaire", "commercial", "propietario", "comercial", "proprietario", "venditore"}},
	{"description", []string{
		"description", "notes", "note", "comment", "comments", "remarks", "beschreibung", "bemerkung", "bemerkungen", "notiz", "notizen", "kommentar", "anmerkung", "anmerkungen",
		"remarque", "remarques", "commentaire", "commentaires", "descripcion", "notas", "nota", "comentario", "comentarios", "observaciones", "descrizione", "commenti",
	}},
	{"linkedin", []string{"linkedin", "linkedinurl", "linkedinprofile", "linkedinprofil", "personlinkedinurl", "profillinkedin", "perfildelinkedin"}},
	{"do_not_email", []string{"donotemail", "donotmail", "emailoptout", "optedout", "optedoutofemail", "unsubscribed", "noemail", "keineemail", "keineemails", "pasdemail", "noenviaremail"}},
	{"do_not_track", []string{"donottrack", "donotfollowemail", "notracking", "trackingoptout", "emailtrackingoptout", "keinenachverfolgung", "pasdesuivi", "sinseguimiento"}},
	{"do_not_text", []string{"donottext", "donotsms", "smsoptout", "textoptout", "notexts", "nosms", "optedoutofsms", "keinesms", "pasdesms", "noenviarsms"}},
	{"do_not_phone", []string{"donotphone", "donotcall", "nocalls", "phoneoptout", "keineanrufe", "nichtanrufen", "nepasappeler", "nollamar"}},
	{"external_key", []string{
		"id", "externalid", "externalkey", "recordid", "leadid", "contactid", "accountid", "opportunityid", "crmid", "objectid", "guid", "uuid",
		"kundennummer", "kundennr", "identifiant", "identificador", "identificativo",
	}},
}
