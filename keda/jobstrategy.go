package keda

import "strconv"

// Strategy is the outcome of a scaling strategy.
type Strategy struct {
	// Name is the strategy that was used: default where the one asked for is unknown or lacks its number.
	Name string `json:"name"`
	// Effective is how many jobs may be started; negative for none.
	Effective int64 `json:"effective"`
	// ScaleTo is how many jobs the queue asks for.
	ScaleTo int64 `json:"scaleTo"`
}

// ApplyStrategy is J7: how many jobs a strategy lets start. Running is the number of unfinished jobs less the minimum,
// pending those of them without a pod at work, max the bound of [BoundsOf].
func ApplyStrategy(s ScalingStrategy, scaleTo, maxScale, running, pending, max int64) Strategy {
	switch s.Strategy {
	case StrategyCustom:
		percentage, err := strconv.ParseFloat(s.CustomScalingRunningJobPercentage, 64)
		if err != nil {
			break
		}
		eff := maxScale - int64(or(s.CustomScalingQueueLengthDeduction, 0)) - truncated(float64(running)*percentage)
		return Strategy{StrategyCustom, min(eff, max), scaleTo}
	case StrategyAccurate:
		if maxScale+running-pending > max {
			return Strategy{StrategyAccurate, max - running, scaleTo}
		}
		return Strategy{StrategyAccurate, maxScale - pending, scaleTo}
	case StrategyEager:
		return Strategy{StrategyEager, min(max-running-pending, maxScale), max}
	}
	return Strategy{StrategyDefault, maxScale - running, scaleTo}
}
