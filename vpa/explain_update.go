package vpa

import (
	"fmt"
	"io"
	"time"
)

// String tells the decision in one line.
func (d *UpdateDecision) String() string {
	switch {
	case d.UpstreamCrash != "":
		return "no pod is touched: " + d.UpstreamCrash
	case len(d.Evict)+len(d.Resize) == 0:
		return fmt.Sprintf("mode %s: none of %s is touched", d.Mode, plural(len(d.Pods), "pod", "pods"))
	}
	return fmt.Sprintf("mode %s: %d evicted and %d resized of %s", d.Mode, len(d.Evict), len(d.Resize), plural(len(d.Pods), "pod", "pods"))
}

// Explain tells why each pod is, or is not, touched.
func (d *UpdateDecision) Explain(w io.Writer) error {
	p := &printer{w: w}
	p.line("%s", d)
	for i := range d.Groups {
		g := &d.Groups[i]
		p.line("%s", g)
		if g.Defect != "" {
			p.line("  an upstream defect: %s", g.Defect)
		}
	}
	for i := range d.Pods {
		d.Pods[i].explain(p)
	}
	return p.err
}

func (u *PodUpdate) explain(p *printer) {
	text := reasonTexts[u.Reason]
	if text == "" {
		text = string(u.Reason)
	}
	if u.QuickOOM != "" && (u.Reason == ReasonQuickOOM || u.Reason == ReasonOOMNoChange) {
		text += " (container " + u.QuickOOM + ")"
	}
	if u.Detail != "" {
		text += "; " + reasonTexts[u.Detail]
	}
	if !u.Until.IsZero() {
		text += "; until " + u.Until.UTC().Format(time.RFC3339)
	}
	if u.Rank > 0 || u.Priority != (Priority{}) {
		text += fmt.Sprintf("; difference %.4g", u.Priority.ResourceDiff)
		if u.Priority.ScaleUp {
			text += ", something wants to grow"
		}
	}
	switch u.Action {
	case ActionEvict:
		p.line("  pod %s is evicted (%s), number %d in order: %s", u.Name, EventEvicted, u.Rank, text)
	case ActionResize:
		p.line("  pod %s is resized in place (%s), number %d in order: %s", u.Name, EventResized, u.Rank, text)
	default:
		p.line("  pod %s is left alone: %s", u.Name, text)
		return
	}
	if u.Defect != "" {
		p.line("    an upstream defect: %s", u.Defect)
	}
	if u.Recommendation == nil {
		return
	}
	for i := range u.Recommendation.ContainerRecommendations {
		c := &u.Recommendation.ContainerRecommendations[i]
		p.line("    container %s gets %s", c.ContainerName, list(c.Target))
	}
}

// reasonTexts say each reason in words.
var reasonTexts = map[UpdateReason]string{
	ReasonOutsideRange:      "a request is missing or outside the recommended range",
	ReasonQuickOOM:          "a container was killed for want of memory soon after its start",
	ReasonDifference:        "within its range, but old enough and different enough",
	ReasonNoRestart:         "nothing restarts, so no budget is needed",
	ReasonDeferredTooLong:   "its resize has been deferred for more than 5 minutes",
	ReasonInProgressTooLong: "its resize has been going on for more than an hour",
	ReasonResizeError:       "the kubelet reports an error about its resize",
	ReasonResizeUnknown:     "its resize is in a state nobody knows",
	ReasonDeferralIgnored:   "the resize was to be deferred, but mode InPlace sends it all the same",
	ReasonModeOff:           "mode Off applies nothing",
	ReasonModeInitial:       "mode Initial applies recommendations to new pods only",
	ReasonGate:              "mode InPlace is behind the gate InPlace, which is off",
	ReasonTerminating:       "it is being deleted",
	ReasonBoosted:           "its startup boost has not been taken back",
	ReasonTooFewReplicas:    "its group has fewer live pods than required",
	ReasonNoReplicaCount:    "nobody knows how many pods its controller should have",
	ReasonBudget:            "no more pods of its group may be disrupted now",
	ReasonPending:           "it is pending, and a resize needs a running pod",
	ReasonNoRecommendation:  "there is no recommendation",
	ReasonNoStartTime:       "within its range, and it does not say when it started",
	ReasonTooYoung:          "within its range, and too young to be touched",
	ReasonSmallDifference:   "within its range, and too little different",
	ReasonOOMNoChange:       "a container was killed soon after its start, but nothing would change",
	ReasonRequirements:      "the eviction requirements do not hold",
	ReasonResizing:          "a resize of it goes on",
	ReasonInfeasible:        "its node has no room for the resize",
	ReasonInfeasibleBefore:  "no less is recommended than what its node had no room for",
	ReasonUpstreamCrash:     "upstream's updater crashes",
}
