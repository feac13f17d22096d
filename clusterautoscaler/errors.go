package clusterautoscaler

import "errors"

// ErrInvalid is what every error of this package wraps: the input makes no sense, and the text names object, field and
// value.
var ErrInvalid = errors.New("invalid input")
