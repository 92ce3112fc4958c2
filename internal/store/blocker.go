package store

// Blocker is the code of what keeps a message from being sent. Codes are part of the API and are never reused.
type Blocker string

// The blockers. Those of the first group pass by themselves, those of the second need a person.
const (
	NotBlocked      Blocker = ""
	BlockWindow     Blocker = "window"
	BlockHoliday    Blocker = "holiday"
	BlockGap        Blocker = "gap"
	BlockHourCap    Blocker = "hour_cap"
	BlockDayCap     Blocker = "day_cap"
	BlockTurn       Blocker = "turn"
	BlockRefused    Blocker = "refused_for_now"
	BlockPaused     Blocker = "mailbox_paused"
	BlockGuard      Blocker = "guard_rail"
	BlockGrant      Blocker = "grant_ended"
	BlockShutOut    Blocker = "mailbox_refused"
	BlockUnreached  Blocker = "mailbox_unreached"
	BlockAway       Blocker = "user_away"
	BlockNoBox      Blocker = "no_mailbox"
	BlockBoxGone    Blocker = "mailbox_gone"
	BlockAddress    Blocker = "no_address"
	BlockContent    Blocker = "content"
	BlockUnwanted   Blocker = "do_not_contact"
	BlockSuppressed Blocker = "suppressed"
	BlockTooLate    Blocker = "too_late"
	BlockRestored   Blocker = "sending_held"
)

// Blockers lists every code.
func Blockers() []Blocker {
	return []Blocker{
		BlockWindow, BlockHoliday, BlockGap, BlockHourCap, BlockDayCap, BlockTurn, BlockRefused, BlockPaused, BlockGuard, BlockGrant, BlockShutOut, BlockUnreached, BlockAway, BlockNoBox, BlockBoxGone,
		BlockAddress, BlockContent, BlockUnwanted, BlockSuppressed, BlockTooLate, BlockRestored,
	}
}

// NeedsPerson tells that nothing is likely to go before a person has done something, so that no moment can be given.
func (b Blocker) NeedsPerson() bool {
	return b == BlockPaused || b == BlockGuard || b == BlockGrant || b == BlockShutOut || b == BlockUnreached || b == BlockNoBox || b == BlockRestored
}

// paced tells that the limits of the mailbox hold it up, or those that wait for them.
func (b Blocker) paced() bool {
	return b == BlockGap || b == BlockHourCap || b == BlockDayCap || b == BlockTurn
}
