package keda

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// Severity says how bad a [Finding] is.
type Severity uint8

const (
	// Surprising means that the object is accepted, but something in it has no effect or one that few expect.
	Surprising Severity = iota
	// Refused means that KEDA, or the API server on its behalf, does not accept the object or cannot work with it.
	Refused
)

// String gives the severity's name.
func (s Severity) String() string {
	if s == Refused {
		return "refused"
	}
	return "surprising"
}

// MarshalText gives the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is one thing about an object that KEDA would refuse, or that will surprise its owner.
type Finding struct {
	// Severity is Refused or Surprising.
	Severity Severity `json:"severity"`
	// Field is the path of the field, such as spec.triggers[2].metricType.
	Field string `json:"field"`
	// Message says what is wrong, why, and what would be right.
	Message string `json:"message"`
}

// String is the finding on one line.
func (f Finding) String() string { return fmt.Sprintf("%s: %s: %s", f.Severity, f.Field, f.Message) }

// findings collects.
type findings []Finding

func (f *findings) refuse(path, format string, args ...any) {
	*f = append(*f, Finding{Refused, path, fmt.Sprintf(format, args...)})
}

func (f *findings) warn(path, format string, args ...any) {
	*f = append(*f, Finding{Surprising, path, fmt.Sprintf(format, args...)})
}

// Lint checks a ScaledObject without a cluster: what KEDA's admission webhook and controller check in the object itself,
// and settings that do nothing or something unexpected. Compile checks the formula; nil leaves that out. The findings are in
// the order of the fields.
func Lint(cfg Config, so *ScaledObject, compile FormulaCompiler) []Finding {
	var f findings
	if so == nil {
		f.refuse("", "there is no object")
		return f
	}
	f.names(so)
	f.annotations(so)
	f.replicas(so)
	f.intervals(so)
	if so.modifiersInUse() {
		f.modifiers(cfg, so, compile)
	}
	f.triggers(so.Spec.Triggers)
	f.objectTriggers(so)
	if so.Spec.Fallback != nil {
		f.fallback(cfg, so)
	}
	return f
}

func (f *findings) names(so *ScaledObject) {
	if len(so.Name) > maxLabelLength {
		f.refuse("metadata.name", "%d characters are too many, %d fit: the name becomes the value of label %s", len(so.Name), maxLabelLength, LabelScaledObject)
	}
	if name := HPAName(so); len(name) > maxLabelLength {
		f.refuse("metadata.name", "the HorizontalPodAutoscaler's name %q has %d characters, %d fit; set spec.advanced.horizontalPodAutoscalerConfig.name", name, len(name), maxLabelLength)
	}
	switch ref := so.Spec.ScaleTargetRef; {
	case ref == nil:
		f.refuse("spec.scaleTargetRef", "missing")
	case ref.Name == "":
		f.refuse("spec.scaleTargetRef.name", "missing")
	}
}

func (f *findings) annotations(so *ScaledObject) {
	a := so.Annotations
	path := func(name string) string { return "metadata.annotations[" + name + "]" }
	if text, ok := a[AnnotationPausedReplicas]; ok {
		if n, err := strconv.ParseInt(text, 10, 32); err != nil || n < 0 {
			f.refuse(path(AnnotationPausedReplicas), "%q is not a number of replicas; the object is paused all the same", text)
		}
		if _, both := a[AnnotationPaused]; both && !Switched(a, AnnotationPaused) {
			f.warn(path(AnnotationPaused), "has no effect: %s pauses the object by being there", AnnotationPausedReplicas)
		}
	}
	for _, name := range []string{AnnotationPaused, AnnotationPausedScaleIn, AnnotationPausedScaleOut, AnnotationForceActivation} {
		if text, ok := a[name]; ok {
			if _, err := strconv.ParseBool(text); err != nil {
				f.warn(path(name), "%q is not a boolean and counts as true", text)
			}
		}
	}
}

func (f *findings) replicas(so *ScaledObject) {
	s := &so.Spec
	for _, field := range []struct {
		name  string
		value *int32
	}{{"idleReplicaCount", s.IdleReplicaCount}, {"minReplicaCount", s.MinReplicaCount}, {"maxReplicaCount", s.MaxReplicaCount}} {
		if field.value != nil && *field.value < 0 {
			f.refuse("spec."+field.name, "%d is negative", *field.value)
		}
	}
	low, high := int32(0), or(s.MaxReplicaCount, 100)
	if s.MinReplicaCount != nil {
		// KEDA checks with the HorizontalPodAutoscaler's minimum, which is 1 where the user wrote 0.
		low = max(*s.MinReplicaCount, 1)
	}
	if low > high {
		f.refuse("spec.minReplicaCount", "%d is above the maximum of %d", low, high)
	}
	if s.IdleReplicaCount != nil && *s.IdleReplicaCount >= low {
		f.refuse("spec.idleReplicaCount", "%d must be below the minimum of %d", *s.IdleReplicaCount, low)
	}
}

func (f *findings) intervals(so *ScaledObject) {
	s := &so.Spec
	if s.PollingInterval != nil {
		switch {
		case *s.PollingInterval < 1:
			f.refuse("spec.pollingInterval", "%d is below 1 second", *s.PollingInterval)
		case hpaDrives(so):
			f.warn("spec.pollingInterval", "has no influence on scaling: with a minimum above 0, no idle count and no cached metrics the HorizontalPodAutoscaler's queries drive it all")
		}
	}
	if s.CooldownPeriod != nil {
		switch {
		case *s.CooldownPeriod < 0:
			f.refuse("spec.cooldownPeriod", "%d is negative", *s.CooldownPeriod)
		case so.minReplicas() > 0 && s.IdleReplicaCount == nil:
			f.warn("spec.cooldownPeriod", "has no effect: it only delays the step to zero or to the idle count, and this object takes neither")
		}
	}
	if s.InitialCooldownPeriod != nil && *s.InitialCooldownPeriod < 0 {
		f.refuse("spec.initialCooldownPeriod", "%d is negative", *s.InitialCooldownPeriod)
	}
}

// hpaDrives is the first half of A5: the tick has nothing to find out by itself.
func hpaDrives(so *ScaledObject) bool {
	return so.minReplicas() != 0 && so.Spec.IdleReplicaCount == nil && !so.modifiersInUse() &&
		!slices.ContainsFunc(so.Spec.Triggers, func(t ScaleTriggers) bool { return t.UseCachedMetrics })
}

func (f *findings) modifiers(cfg Config, so *ScaledObject, compile FormulaCompiler) {
	const path = "spec.advanced.scalingModifiers"
	m := so.modifiers()
	if m.Formula == "" {
		f.refuse(path+".formula", "missing although scaling modifiers are in use")
	}
	if target, err := strconv.ParseFloat(m.Target, 64); m.Target == "" {
		f.refuse(path+".target", "missing although scaling modifiers are in use")
	} else if err != nil || !(target > 0) {
		f.refuse(path+".target", "%q is not a number above 0", m.Target)
	}
	if _, err := activationTarget(so); err != nil {
		f.refuse(path+".activationTarget", "%q is not a number; every tick would end without any action", m.ActivationTarget)
	}
	if m.MetricType == autoscalingv2.UtilizationMetricType {
		f.refuse(path+".metricType", "Utilization is not for external metrics; use AverageValue or Value")
	}
	if strings.HasPrefix(m.Formula, "float(") && !strings.Contains(m.Formula, "??") && closing(m.Formula) != len(m.Formula)-1 {
		f.warn(path+".formula", "begins with float(, so KEDA does not make its result a float; if it is none, the formula fails at run time")
	}
	if m.Formula != "" && m.Target != "" && compile != nil {
		if _, err := CompileFormula(cfg, so, compile); err != nil {
			f.refuse(path+".formula", "%v", err)
		}
	}
	for i := range so.Spec.Triggers {
		t := &so.Spec.Triggers[i]
		switch {
		case resourceTrigger(t.Type) && t.Metadata["containerName"] != "":
			f.warn(fmt.Sprintf("spec.triggers[%d]", i), "%s of a single container disappears from the HorizontalPodAutoscaler under scaling modifiers", t.Type)
		case !resourceTrigger(t.Type) && t.Name == "":
			f.warn(fmt.Sprintf("spec.triggers[%d].name", i), "missing, so the formula cannot use the trigger")
		}
	}
}

// closing finds the parenthesis that closes the first one; -1 if none does.
func closing(text string) int {
	depth := 0
	for i, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// triggers are the checks that ScaledObject and ScaledJob share.
func (f *findings) triggers(list []ScaleTriggers) {
	if len(list) == 0 {
		f.refuse("spec.triggers", "empty")
	}
	first := map[string]int{}
	for i := range list {
		t, path := &list[i], fmt.Sprintf("spec.triggers[%d]", i)
		if !KnownTrigger(t.Type) {
			f.refuse(path+".type", "KEDA 2.21 has no trigger %q%s", t.Type, suggestion(t.Type))
		}
		if t.UseCachedMetrics && (resourceTrigger(t.Type) || t.Type == "cron") {
			f.refuse(path+".useCachedMetrics", "not possible for a trigger of type %s", t.Type)
		}
		if t.AuthenticationRef != nil {
			if t.AuthenticationRef.Name == "" {
				f.refuse(path+".authenticationRef.name", "missing")
			}
			if k := t.AuthenticationRef.Kind; k != "" && k != "TriggerAuthentication" && k != "ClusterTriggerAuthentication" {
				f.refuse(path+".authenticationRef.kind", "%q is neither TriggerAuthentication nor ClusterTriggerAuthentication", k)
			}
		}
		if t.Name == "" {
			continue
		}
		if other, twice := first[t.Name]; twice {
			f.refuse(path+".name", "%q is the name of trigger %d already", t.Name, other)
		} else {
			first[t.Name] = i
		}
	}
}

func (f *findings) objectTriggers(so *ScaledObject) {
	for i := range so.Spec.Triggers {
		t, path := &so.Spec.Triggers[i], fmt.Sprintf("spec.triggers[%d].metricType", i)
		switch {
		case !resourceTrigger(t.Type) && t.MetricType == autoscalingv2.UtilizationMetricType:
			f.refuse(path, "Utilization is for cpu and memory alone; use AverageValue or Value")
		case resourceTrigger(t.Type) && t.MetricType == "":
			f.refuse(path, "missing; %s needs Utilization or AverageValue", t.Type)
		case resourceTrigger(t.Type) && t.MetricType != autoscalingv2.UtilizationMetricType && t.MetricType != autoscalingv2.AverageValueMetricType:
			f.refuse(path, "%q is neither Utilization nor AverageValue", t.MetricType)
		}
	}
	if len(so.Spec.Triggers) > 0 && onlyResources(so) && so.minReplicas() == 0 {
		f.refuse("spec.minReplicaCount", "must be above 0, because cpu and memory alone can never start a workload that has no pods")
	}
}

func (f *findings) fallback(cfg Config, so *ScaledObject) {
	fb := so.Spec.Fallback
	if fb.FailureThreshold < 0 {
		f.refuse("spec.fallback.failureThreshold", "%d is negative", fb.FailureThreshold)
	}
	if fb.Replicas < 0 {
		f.refuse("spec.fallback.replicas", "%d is negative", fb.Replicas)
	}
	if fb.Replicas == 0 && so.minReplicas() == 0 {
		f.warn("spec.fallback.replicas", "0 does not hold the workload while triggers fail: KEDA scales it to zero after the cooldown")
	}
	switch fb.Behavior {
	case FallbackStatic, FallbackCurrentReplicas, FallbackCurrentReplicasIfHigher, FallbackCurrentReplicasIfLower:
	case "":
		f.warn("spec.fallback.behavior", "empty; the API server makes it static, and without one it works like static but needs the current replicas")
	case FallbackScalingModifiers:
		if so.modifiers().Formula == "" {
			f.refuse("spec.fallback.behavior", "scalingModifiers needs spec.advanced.scalingModifiers.formula")
		}
	default:
		f.refuse("spec.fallback.behavior", "%q is not a behavior", fb.Behavior)
	}
	if !so.modifiersInUse() && len(so.Spec.Triggers) > 0 && onlyResources(so) {
		f.refuse("spec.fallback", "has nothing to fall back from: cpu and memory are never queried by KEDA")
	}
	if so.modifiersInUse() && fb.FailureThreshold >= 0 && fb.Replicas >= 0 && !FallbackValid(cfg, so) {
		f.warn("spec.advanced.scalingModifiers.target", "%q switches the fallback off: KEDA wants an integer above 0 there when a fallback is set", so.modifiers().Target)
	}
}

// suggestion names the known trigger that is nearest in spelling.
func suggestion(kind string) string {
	best, least := "", 4
	for _, known := range knownTriggers {
		if d := distance(kind, known, least); d < least {
			best, least = known, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance counts the edits between two words; it gives up at the limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		left := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := left
			if a[i-1] != b[j-1] {
				cost++
			}
			left, row[j] = row[j], min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
