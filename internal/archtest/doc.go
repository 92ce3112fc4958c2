// Package archtest holds the tests about the repository itself: the floors, the
// pure packages, the sizes, the comments, the words.
//
// It must never change a file, need the network, or grow a list of forgiven
// files: a rule that cannot be kept is dropped with a decision record, not
// worked around. Every check reads a Tree, so that each is shown to fail on a
// small bad tree in testdata before it is believed on ours.
//
// Start reading at floors.txt, the table of what may import what, and then at
// checks in archtest_test.go.
package archtest
