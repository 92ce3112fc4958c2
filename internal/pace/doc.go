// Package pace says how many mails a mailbox may send, and when the next one: caps per hour and day, a gap between mails,
// a ramp that warms a new mailbox up, and guard rails that stop one which does harm.
//
// It is arithmetic over values: the limits, what was sent, and the moment come in, and a moment comes out. It must never
// read a clock or a random number; what looks random is made from the message's id. Working hours and holidays are those of
// calendar; delivery combines the two.
//
// An hour is any sixty minutes, because that is how mail providers count. A day is a day of the mailbox's calendar, because
// that is how people count, and because a rolling day would begin a little later every morning (docs/adr/0020).
//
// Start reading at Next, then at Health.
package pace
