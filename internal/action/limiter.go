package action

type limiter struct{}

func newLimiter() *limiter { return &limiter{} }
