package calendar

import (
	"slices"
	"strings"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	austria "github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// Region is a country or a part of one, by its code of ISO 3166: DE, DE-BY.
type Region struct {
	Code string
	// Country is the name of the country; Part that of the part, "" for the whole country.
	Country, Part string
}

// Label names the region for people.
func (r Region) Label() string {
	if r.Part == "" {
		return r.Country
	}
	return r.Country + ": " + r.Part
}

// source is a region with where its holidays come from, and with further names of the country.
type source struct {
	Region
	lists [][]*cal.Holiday
	names []string
}

// Regions lists the regions whose holidays are known, by country and part.
func Regions() []Region {
	var out []Region
	for _, s := range known {
		out = append(out, s.Region)
	}
	return out
}

// RegionOf finds a region by its code, in any case.
func RegionOf(code string) (Region, bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	for _, s := range known {
		if s.Code == code {
			return s.Region, true
		}
	}
	return Region{}, false
}

// CountryOf gives the country of a region's code.
func CountryOf(code string) string {
	country, _, _ := strings.Cut(code, "-")
	return country
}

// FindRegion finds the region that a record's country means: a code, the English name, or one of the country's own. A part of
// a country that is not known is the country. "" means that nothing is known.
func FindRegion(text string) string {
	text = strings.TrimSpace(text)
	if r, ok := RegionOf(text); ok {
		return r.Code
	}
	if country := CountryOf(text); len(country) == 2 && country != text {
		if r, ok := RegionOf(country); ok {
			return r.Code
		}
	}
	for _, s := range known {
		if s.Part != "" {
			continue
		}
		meant := func(name string) bool { return strings.EqualFold(name, text) }
		if meant(s.Country) || slices.ContainsFunc(s.names, meant) {
			return s.Code
		}
	}
	return ""
}

// whole makes a source of a country's one list.
func whole(code, country string, list []*cal.Holiday, names ...string) source {
	return source{Region{Code: code, Country: country}, [][]*cal.Holiday{list}, names}
}

func part(code, country, name string, list []*cal.Holiday) source {
	return source{Region: Region{Code: code, Country: country, Part: name}, lists: [][]*cal.Holiday{list}}
}

// cantons are the lists of Switzerland's parts: the library's list of the country has every holiday of any of them.
func cantons() [][]*cal.Holiday {
	return [][]*cal.Holiday{
		ch.HolidaysAG,
		ch.HolidaysAR,
		ch.HolidaysAI,
		ch.HolidaysBL,
		ch.HolidaysBS,
		ch.HolidaysBE,
		ch.HolidaysFR,
		ch.HolidaysGE,
		ch.HolidaysGL,
		ch.HolidaysGR,
		ch.HolidaysJU,
		ch.HolidaysLU,
		ch.HolidaysNE,
		ch.HolidaysNW,
		ch.HolidaysOW,
		ch.HolidaysSH,
		ch.HolidaysSZ,
		ch.HolidaysSO,
		ch.HolidaysSG,
		ch.HolidaysTG,
		ch.HolidaysTI,
		ch.HolidaysUR,
		ch.HolidaysVS,
		ch.HolidaysVD,
		ch.HolidaysZG,
		ch.HolidaysZH,
	}
}

// known is the list of regions, made once: mail asks for the region of each customer. Nobody changes it.
var known = []source{
	whole("AR", "Argentina", ar.Holidays),
	{Region{Code: "AU", Country: "Australia"}, [][]*cal.Holiday{au.HolidaysACT, au.HolidaysNSW, au.HolidaysNT, au.HolidaysQLD, au.HolidaysSA, au.HolidaysTAS, au.HolidaysVIC, au.HolidaysWA}, nil},
	part("AU-ACT", "Australia", "Australian Capital Territory", au.HolidaysACT),
	part("AU-NSW", "Australia", "New South Wales", au.HolidaysNSW),
	part("AU-NT", "Australia", "Northern Territory", au.HolidaysNT),
	part("AU-QLD", "Australia", "Queensland", au.HolidaysQLD),
	part("AU-SA", "Australia", "South Australia", au.HolidaysSA),
	part("AU-TAS", "Australia", "Tasmania", au.HolidaysTAS),
	part("AU-VIC", "Australia", "Victoria", au.HolidaysVIC),
	part("AU-WA", "Australia", "Western Australia", au.HolidaysWA),
	whole("AT", "Austria", austria.Holidays, "Österreich"),
	whole("BE", "Belgium", be.Holidays, "Belgique", "België"),
	whole("BR", "Brazil", br.Holidays, "Brasil"),
	whole("BG", "Bulgaria", bg.Holidays),
	whole("CA", "Canada", ca.Holidays),
	whole("HR", "Croatia", hr.Holidays, "Hrvatska"),
	whole("CZ", "Czechia", cz.Holidays, "Czech Republic", "Česko"),
	whole("DK", "Denmark", dk.Holidays, "Danmark"),
	whole("FR", "France", fr.Holidays),
	whole("DE", "Germany", de.Holidays, "Deutschland"),
	part("DE-BW", "Germany", "Baden-Württemberg", de.HolidaysBW),
	part("DE-BY", "Germany", "Bavaria", de.HolidaysBY),
	part("DE-BE", "Germany", "Berlin", de.HolidaysBE),
	part("DE-BB", "Germany", "Brandenburg", de.HolidaysBB),
	part("DE-HB", "Germany", "Bremen", de.HolidaysHB),
	part("DE-HH", "Germany", "Hamburg", de.HolidaysHH),
	part("DE-HE", "Germany", "Hesse", de.HolidaysHE),
	part("DE-NI", "Germany", "Lower Saxony", de.HolidaysNI),
	part("DE-MV", "Germany", "Mecklenburg-Vorpommern", de.HolidaysMV),
	part("DE-NW", "Germany", "North Rhine-Westphalia", de.HolidaysNW),
	part("DE-RP", "Germany", "Rhineland-Palatinate", de.HolidaysRP),
	part("DE-SL", "Germany", "Saarland", de.HolidaysSL),
	part("DE-SN", "Germany", "Saxony", de.HolidaysSN),
	part("DE-ST", "Germany", "Saxony-Anhalt", de.HolidaysST),
	part("DE-SH", "Germany", "Schleswig-Holstein", de.HolidaysSH),
	part("DE-TH", "Germany", "Thuringia", de.HolidaysTH),
	whole("GR", "Greece", gr.Holidays),
	whole("IE", "Ireland", ie.Holidays, "Éire"),
	whole("IT", "Italy", it.Holidays, "Italia"),
	whole("JP", "Japan", jp.Holidays, "日本"),
	whole("LV", "Latvia", lv.Holidays),
	whole("LT", "Lithuania", lt.Holidays),
	whole("MW", "Malawi", mw.Holidays),
	whole("NL", "Netherlands", nl.Holidays, "Nederland", "Holland", "The Netherlands"),
	whole("NC", "New Caledonia", nc.Holidays),
	whole("NZ", "New Zealand", nz.Holidays),
	whole("NO", "Norway", no.Holidays, "Norge"),
	whole("PL", "Poland", pl.Holidays, "Polska"),
	whole("RO", "Romania", ro.Holidays, "România"),
	whole("RU", "Russia", ru.Holidays),
	whole("SK", "Slovakia", sk.Holidays, "Slovensko"),
	whole("SI", "Slovenia", si.Holidays, "Slovenija"),
	whole("ZA", "South Africa", za.Holidays),
	whole("ES", "Spain", es.Holidays, "España"),
	whole("SE", "Sweden", se.Holidays, "Sverige"),
	{Region{Code: "CH", Country: "Switzerland"}, cantons(), []string{"Schweiz", "Suisse", "Svizzera"}},
	part("CH-AG", "Switzerland", "Aargau", ch.HolidaysAG),
	part("CH-AR", "Switzerland", "Appenzell Ausserrhoden", ch.HolidaysAR),
	part("CH-AI", "Switzerland", "Appenzell Innerrhoden", ch.HolidaysAI),
	part("CH-BL", "Switzerland", "Basel-Landschaft", ch.HolidaysBL),
	part("CH-BS", "Switzerland", "Basel-Stadt", ch.HolidaysBS),
	part("CH-BE", "Switzerland", "Bern", ch.HolidaysBE),
	part("CH-FR", "Switzerland", "Fribourg", ch.HolidaysFR),
	part("CH-GE", "Switzerland", "Geneva", ch.HolidaysGE),
	part("CH-GL", "Switzerland", "Glarus", ch.HolidaysGL),
	part("CH-GR", "Switzerland", "Graubünden", ch.HolidaysGR),
	part("CH-JU", "Switzerland", "Jura", ch.HolidaysJU),
	part("CH-LU", "Switzerland", "Lucerne", ch.HolidaysLU),
	part("CH-NE", "Switzerland", "Neuchâtel", ch.HolidaysNE),
	part("CH-NW", "Switzerland", "Nidwalden", ch.HolidaysNW),
	part("CH-OW", "Switzerland", "Obwalden", ch.HolidaysOW),
	part("CH-SH", "Switzerland", "Schaffhausen", ch.HolidaysSH),
	part("CH-SZ", "Switzerland", "Schwyz", ch.HolidaysSZ),
	part("CH-SO", "Switzerland", "Solothurn", ch.HolidaysSO),
	part("CH-SG", "Switzerland", "St. Gallen", ch.HolidaysSG),
	part("CH-TG", "Switzerland", "Thurgau", ch.HolidaysTG),
	part("CH-TI", "Switzerland", "Ticino", ch.HolidaysTI),
	part("CH-UR", "Switzerland", "Uri", ch.HolidaysUR),
	part("CH-VS", "Switzerland", "Valais", ch.HolidaysVS),
	part("CH-VD", "Switzerland", "Vaud", ch.HolidaysVD),
	part("CH-ZG", "Switzerland", "Zug", ch.HolidaysZG),
	part("CH-ZH", "Switzerland", "Zurich", ch.HolidaysZH),
	whole("UA", "Ukraine", ua.Holidays),
	whole("GB", "United Kingdom", gb.Holidays, "UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
	whole("US", "United States", us.Holidays, "USA", "U.S.A.", "United States of America"),
}
