// Package importer reads records from CSV files and writes them to CSV files.
//
// It holds what makes a real file into rows of values: Sniff tells encoding, delimiter, quotes and header of
// a file, Open reads it row by row in bounded memory, Guess proposes which column fills which field, and Run
// brings a whole file to a Sink in batches, with progress and a file of the refused rows. WriteCSV is the way
// out, safe to open in a spreadsheet.
//
// It must never keep a whole file in memory, never let one bad row end an import, and never know how records are
// stored or which values a field takes: that is the Sink's part, and so is finding a record that exists or that
// came twice in one file.
//
// Start reading at Run, then Reader.Next.
package importer
