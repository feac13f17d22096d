package trigger

import (
	"slices"
	"time"
)

// CloudWatch is the trigger aws-cloudwatch: the latest number of a metric or of an expression.
type CloudWatch struct {
	metric
	// AWS says where, and as whom.
	AWS AWS
	// AccountID is another account whose metric is meant; empty for the own one.
	AccountID string
	// Namespace is the metric's namespace.
	Namespace string
	// MetricName is the metric.
	MetricName string
	// DimensionNames and DimensionValues belong to each other by position.
	DimensionNames []string
	// DimensionValues are the values of the dimensions.
	DimensionValues []string
	// Expression, where given, takes the place of the metric.
	Expression string
	// TargetMetricValue is the target.
	TargetMetricValue float64
	// ActivationTargetMetricValue is what the number must exceed for the trigger to be active.
	ActivationTargetMetricValue float64
	// MinMetricValue is the number when there is none.
	MinMetricValue float64
	// IgnoreNullValues takes MinMetricValue where a result has no values; otherwise that is an error. It is on by default.
	IgnoreNullValues bool
	// CollectionTime is how long the window is, in seconds, 300 by default.
	CollectionTime int64
	// Stat is the statistic, Average by default.
	Stat string
	// Unit is the unit asked for, empty for any.
	Unit string
	// StatPeriod is the period in seconds, 300 by default.
	StatPeriod int64
	// EndTimeOffset is how many seconds before now the window ends.
	EndTimeOffset int64
}

// cloudWatchUnits are the units that the service knows.
var cloudWatchUnits = []string{"Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes",
	"Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second", "Megabytes/Second",
	"Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second",
	"Count/Second", "None"}

func newCloudWatch(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &CloudWatch{
		AccountID: p.text(written, "awsAccountId"), Namespace: p.text(written, "namespace"), MetricName: p.text(written, "metricName"),
		DimensionNames: p.list(";", written, "dimensionName"), DimensionValues: p.list(";", written, "dimensionValue"),
		Expression: p.text(written, "expression"), TargetMetricValue: p.needFloat("targetMetricValue"),
		ActivationTargetMetricValue: p.float("activationTargetMetricValue", 0), MinMetricValue: p.needFloat("minMetricValue"),
		IgnoreNullValues: p.flag("ignoreNullValues", true), CollectionTime: p.integer("metricCollectionTime", 300),
		Stat: p.or("Average", written, "metricStat"), Unit: p.text(written, "metricUnit"),
		StatPeriod: p.integer("metricStatPeriod", 300), EndTimeOffset: p.integer("metricEndTimeOffset", 0), AWS: p.aws(),
	}
	if t.Expression == "" {
		for _, field := range []struct {
			name  string
			there bool
		}{
			{"namespace", t.Namespace != ""}, {"metricName", t.MetricName != ""},
			{"dimensionName", t.DimensionNames != nil}, {"dimensionValue", t.DimensionValues != nil},
		} {
			if !field.there {
				p.missing(field.name)
			}
		}
		if len(t.DimensionNames) != len(t.DimensionValues) {
			p.fail("metadata.dimensionValue", "%d values for %d names", len(t.DimensionValues), len(t.DimensionNames))
		}
		if t.Unit != "" && !slices.Contains(cloudWatchUnits, t.Unit) {
			p.fail("metadata.metricUnit", "%q is not a unit", t.Unit)
		}
	}
	p.period(t)
	return t, p.metric(&t.metric, "aws-cloudwatch", Quantity(t.TargetMetricValue), t.ActivationTargetMetricValue)
}

// period checks that the window is a multiple of a period that the service knows (S4).
func (p *params) period(t *CloudWatch) {
	n := t.StatPeriod
	if !slices.Contains([]int64{1, 5, 10, 30}, n) && (n < 60 || n%60 != 0) {
		p.fail("metadata.metricStatPeriod", "%d is none of 1, 5, 10, 30 and the multiples of 60", n)
	} else if t.CollectionTime < 0 || t.CollectionTime%n != 0 {
		p.fail("metadata.metricCollectionTime", "%d is not a multiple of the period of %d", t.CollectionTime, n)
	}
}

// Window is the span of time to ask for, at an instant (S4).
func (t *CloudWatch) Window(now time.Time) (start, end time.Time) {
	end = now.Add(-time.Duration(t.EndTimeOffset) * time.Second).Truncate(time.Duration(t.StatPeriod) * time.Second)
	return end.Add(-time.Duration(t.CollectionTime) * time.Second), end
}

// Read is the reading of the results, each with its values from the latest to the earliest. Only the first result counts.
func (t *CloudWatch) Read(results [][]float64) (Reading, error) {
	switch {
	case len(results) > 0 && len(results[0]) > 0:
		return t.Judge(results[0][0]), nil
	case len(results) > 0 && !t.IgnoreNullValues:
		return Reading{}, unusable("no values, and ignoreNullValues is off")
	}
	return t.Judge(t.MinMetricValue), nil
}
