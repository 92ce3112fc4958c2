package attachment

import (
	"fmt"
	"slices"
	"strings"
)

// form is what the content of a kind of file looks like.
type form int

// The forms.
const (
	asText    form = iota // readable, and no markup or script
	asBinary              // told by its first bytes
	asOLE                 // the container of the older office formats
	asOpenXML             // a zip with the parts of an office document
	asOpenDoc             // a zip whose first entry says what it is
	asArchive             // any other zip
)

// kind is a kind of file that may go with a mail.
type kind struct {
	group string
	form  form
	// served is the media type that readers are told.
	served string
	// proof is what the content must show: the beginning for asBinary and asOLE, the entry of the main part for asOpenXML, the
	// type in the first entry for asOpenDoc.
	proof string
}

const (
	oleStart = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	office   = "application/vnd.openxmlformats-officedocument."
	opendoc  = "application/vnd.oasis.opendocument."
)

// kinds lists them by extension.
var kinds = map[string]kind{
	"pdf":  {"PDF", asBinary, "application/pdf", "%PDF-"},
	"doc":  {"documents", asOLE, "application/msword", oleStart},
	"docx": {"documents", asOpenXML, office + "wordprocessingml.document", "word/document.xml"},
	"odt":  {"documents", asOpenDoc, opendoc + "text", opendoc + "text"},
	"rtf":  {"documents", asBinary, "application/rtf", `{\rtf`},
	"txt":  {"text", asText, "text/plain; charset=utf-8", ""},
	"md":   {"text", asText, "text/plain; charset=utf-8", ""},
	"csv":  {"text", asText, "text/csv; charset=utf-8", ""},
	"xls":  {"sheets", asOLE, "application/vnd.ms-excel", oleStart},
	"xlsx": {"sheets", asOpenXML, office + "spreadsheetml.sheet", "xl/workbook.xml"},
	"ods":  {"sheets", asOpenDoc, opendoc + "spreadsheet", opendoc + "spreadsheet"},
	"ppt":  {"slides", asOLE, "application/vnd.ms-powerpoint", oleStart},
	"pptx": {"slides", asOpenXML, office + "presentationml.presentation", "ppt/presentation.xml"},
	"odp":  {"slides", asOpenDoc, opendoc + "presentation", opendoc + "presentation"},
	"png":  {"images", asBinary, "image/png", "\x89PNG\r\n\x1a\n"},
	"jpg":  {"images", asBinary, "image/jpeg", "\xff\xd8\xff"},
	"jpeg": {"images", asBinary, "image/jpeg", "\xff\xd8\xff"},
	"gif":  {"images", asBinary, "image/gif", "GIF8"},
	"webp": {"images", asBinary, "image/webp", "RIFF"},
	"ics":  {"calendar", asText, "text/calendar; charset=utf-8", ""},
	"zip":  {"zip", asArchive, "application/zip", ""},
}

// Extensions lists what Check takes, each with its dot, for the choice of a file in a browser.
func Extensions() []string {
	var list []string
	for ext := range kinds {
		list = append(list, "."+ext)
	}
	slices.Sort(list)
	return list
}

// Allowed says in words what may go with a mail.
const Allowed = "Allowed are PDF, documents (docx, doc, odt, rtf), sheets (xlsx, xls, ods, csv), slides (pptx, ppt, odp), " +
	"images (png, jpg, gif, webp), text (txt, md), calendar (ics) and zip."

// Describe says in a few words what a file is, for instance "PDF, 24 KB".
func Describe(name string, size int64) string {
	return strings.ToUpper(extension(name)) + ", " + SizeText(size)
}

// SizeText gives a size as people read it: "24 KB", "1.2 MB".
func SizeText(size int64) string {
	switch {
	case size < 1<<10:
		return fmt.Sprintf("%d bytes", size)
	case size < 1<<20:
		return fmt.Sprintf("%d KB", (size+1<<9)>>10)
	case size < 10<<20:
		return fmt.Sprintf("%.1f MB", float64(size)/(1<<20))
	}
	return fmt.Sprintf("%d MB", (size+1<<19)>>20)
}

// programs are the extensions of what a computer would run, or show as a page. A file inside of an archive must not have
// one, and no file may have one before its last.
var programs = strings.Fields(`ade adp apk app appimage appref-ms appx asp aspx bas bash bat bin chm cmd cpl crt dll deb dmg exe fxp gadget
	hlp hta htm html htaccess img inf ins iso isp jar jnlp js jse jsp ksh lib lnk mad maf mam maq mar mas mat mau mav maw mcf mda mdb mde
	mdt mdw mdz mht mhtml msc msh msi msix msp mst msu nsh ocx one ops osd pcd php phtml pif pkg pl plg prf prg ps1 ps1xml ps2 psc1 psd1 psm1
	py pyc pyo pyw rb reg rpm run scf scr sct settingcontent-ms sh shb shs svg svgz swf sys theme tmp url vb vbe vbp vbs vhd vhdx vsmacros vsw
	vxd wasm website webpnp ws wsc wsf wsh xbap xht xhtml xll xml xnk xsl xslt zsh
	docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm`)

// archives are the extensions of what could hide a program from a look into a zip.
var archives = strings.Fields(`zip 7z rar gz tgz bz2 xz zst tar cab arj lzh ace z iso img`)

// runs tells whether an extension is that of a program. com is one, too, and half of all domains end in it: it counts at
// the end of a name only.
func runs(ext string, last bool) bool {
	return slices.Contains(programs, ext) || last && ext == "com"
}
