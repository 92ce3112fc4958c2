// Package attachment judges files that are to go with mail: what they may be called, how large they may be, and whether
// their content is what their name says.
//
// It must never open a file or trust a name. What a customer gets from a seller is opened without much thought, so a
// kind of file is refused unless it is listed.
//
// Start reading at Check, then kinds.go.
package attachment
