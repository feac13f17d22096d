package vpa

// The notes about one container's values, as the annotation of an admitted pod shows them (K7, L2). A resource stands
// before each.
const (
	noteMinAllowed = " capped to minAllowed"
	noteMaxAllowed = " capped to maxAllowed"
	noteLimit      = " capped to container limit"
	noteRangeMax   = " capped to fit Max in container LimitRange"
	noteRangeMin   = " capped to fit Min in container LimitRange"

	noteNoLimit   = ": limit NOT set since originalLimit is nil or 0"
	noteNoRequest = ": limit NOT set since recommendedRequest is nil or 0"
	noteLimitCut  = ": failed to keep limit to request ratio; capping limit to int64"
)
