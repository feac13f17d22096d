package aws

import (
	"strconv"
	"strings"
	"time"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

// The options that a group may set by tags, after [TagOption]. No other has an effect, and capital letters count (A26).
const (
	OptionUtilizationThreshold    = "scaledownutilizationthreshold"    // a number such as 0.5
	OptionGPUUtilizationThreshold = "scaledowngpuutilizationthreshold" // a number such as 0.5
	OptionUnneededTime            = "scaledownunneededtime"            // a duration such as 5m30s
	OptionUnreadyTime             = "scaledownunreadytime"             // a duration such as 5m30s
	OptionIgnoreDaemonSets        = "ignoredaemonsetsutilization"      // true or false
)

// OptionsFromTags are the flags that a group sets for itself by tags, and the option tags without effect. What no tag sets
// is nil and follows the flags (A26).
func OptionsFromTags(tags []Tag) (clusterautoscaler.GroupOptions, []Ignored) {
	var o clusterautoscaler.GroupOptions
	var ignored []Ignored
	last := map[string]int{}
	for i, t := range tags {
		if name, ok := optionName(t.Key); ok {
			last[name] = i
		}
	}
	for i, t := range tags {
		name, ok := optionName(t.Key)
		if !ok {
			if strings.Contains(t.Key, TagOption) {
				ignored = append(ignored, Ignored{t, "its key is not " + TagOption + " and the name of an option"})
			}
			continue
		}
		if last[name] != i {
			ignored = append(ignored, Ignored{t, "a later tag sets the same option"})
			continue
		}
		if why := set(&o, name, t.Value); why != "" {
			ignored = append(ignored, Ignored{t, why})
		}
	}
	return o, ignored
}

// optionName is what follows [TagOption] at the start of a key; unlike other tags, a second one voids the key.
func optionName(key string) (string, bool) {
	name, ok := strings.CutPrefix(key, TagOption)
	return name, ok && name != "" && !strings.Contains(name, TagOption)
}

func set(o *clusterautoscaler.GroupOptions, name, value string) (why string) {
	switch name {
	case OptionUtilizationThreshold:
		return number(&o.UtilizationThreshold, value)
	case OptionGPUUtilizationThreshold:
		return number(&o.GPUUtilizationThreshold, value)
	case OptionUnneededTime:
		return duration(&o.UnneededTime, value)
	case OptionUnreadyTime:
		return duration(&o.UnreadyTime, value)
	case OptionIgnoreDaemonSets:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return "its value is neither true nor false"
		}
		o.IgnoreDaemonSets = &b
		return ""
	}
	return "no option of that name can be set by a tag"
}

func number(to **float64, value string) string {
	f, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return "its value is no number"
	}
	*to = &f
	return ""
}

func duration(to **time.Duration, value string) string {
	d, err := time.ParseDuration(value)
	if err != nil {
		return "its value is no duration such as 5m30s"
	}
	*to = &d
	return ""
}
