// Package priority says how much an open activity matters now, and why: how long it is due, what the customer did last, what
// the record is worth, and how long the activity waits. The organisation says what each of these counts.
//
// It is pure: facts and the time come in, points and their reasons go out. It must never ask a database or a clock, and never
// count anything that it does not explain.
//
// Start reading at Of.
package priority
