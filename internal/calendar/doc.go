// Package calendar answers when somebody works: time zones, working weeks, days off, and waits that count working time.
//
// It holds the working week (Week), a week with its days off (Calendar), holidays of regions (Holidays), who is away and who
// stands in (Roster), and the written form of hours and durations. Everything
// is reckoned on the wall clock of the week's zone: 08:00 stays 08:00 on the days when the clocks change. A local time
// that the clocks skip means the moment of the change; a local time that happens twice means its first occurrence.
//
// It must never ask what time it is, load a zone from disk, or know of a user more than the key: instants, zones, leaves and days
// off are handed in. Every search is bounded, so a calendar without any working time costs a moment and never a loop.
//
// Start reading at Calendar.AddWorking, then wall.go for the arithmetic under it.
package calendar
