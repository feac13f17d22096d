package karpenter

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// Limits of the API.
const (
	maxRequirements = 100
	maxBudgets      = 50
	maxMinValues    = 50
	maxWeight       = 100
)

var (
	budgetNodes    = regexp.MustCompile(`^((100|[0-9]{1,2})%|[0-9]+)$`)
	budgetSchedule = regexp.MustCompile(`^(@(annually|yearly|monthly|weekly|daily|midnight|hourly)|\S+(\s+\S+){4})$`)
)

// problems gathers what is wrong, each with its field.
type problems struct {
	object string
	errs   []error
}

func (p *problems) add(field, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%w: %s: %s: %s", ErrInvalid, p.object, field, fmt.Sprintf(format, args...)))
}

func (p *problems) join() error { return errors.Join(p.errs...) }

// Validate tells everything in a NodePool that the API server or Karpenter would refuse, or that no node could meet: one
// error that joins one for each field. An absent nodeClassRef is fine, since nothing here asks for the node class.
func (p *NodePool) Validate() error {
	bad := &problems{object: "NodePool " + strconv.Quote(p.Name)}
	if p.Name == "" {
		bad.add("metadata.name", "is empty")
	}
	t := &p.Spec.Template.Spec
	bad.labels(p.Spec.Template.Metadata.Labels)
	bad.requirements("spec.template.spec.requirements", t.Requirements)
	bad.contradictions(p)
	bad.taints(t.Taints, t.StartupTaints)
	if ref := t.NodeClassRef; ref != (NodeClassRef{}) && (ref.Group == "" || ref.Kind == "" || ref.Name == "") {
		bad.add("spec.template.spec.nodeClassRef", "needs group, kind and name")
	}
	if d := t.TerminationGracePeriod; d != nil && d.Duration < 0 {
		bad.add("spec.template.spec.terminationGracePeriod", "%s is negative", d.Duration)
	}
	bad.duration("spec.template.spec.expireAfter", t.ExpireAfter)
	bad.disruption(&p.Spec.Disruption)
	for _, name := range slices.Sorted(maps.Keys(p.Spec.Limits)) {
		if q := p.Spec.Limits[name]; q.Sign() < 0 {
			bad.add("spec.limits."+string(name), "%s is negative", q.String())
		}
	}
	if w := p.Spec.Weight; w != nil && (*w < 1 || *w > maxWeight) {
		bad.add("spec.weight", "%d is not within 1 to %d", *w, maxWeight)
	}
	bad.static(&p.Spec)
	return bad.join()
}

// static checks what a pool with a fixed number of nodes may not have.
func (p *problems) static(spec *NodePoolSpec) {
	if spec.Replicas == nil {
		return
	}
	if *spec.Replicas < 0 {
		p.add("spec.replicas", "%d is negative", *spec.Replicas)
	}
	if spec.Weight != nil {
		p.add("spec.weight", "means nothing beside spec.replicas")
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Limits)) {
		if name != "nodes" {
			p.add("spec.limits."+string(name), "only nodes can be limited beside spec.replicas")
		}
	}
}

func (p *problems) labels(labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		field := fmt.Sprintf("spec.template.metadata.labels[%s]", key)
		p.key(field, key)
		for _, why := range validation.IsValidLabelValue(labels[key]) {
			p.add(field, "%q: %s", labels[key], why)
		}
	}
}

// key checks a label that a NodePool sets or demands (rule 10).
func (p *problems) key(field, key string) {
	for _, why := range validation.IsQualifiedName(key) {
		p.add(field, "%q: %s", key, why)
	}
	switch {
	case key == LabelNodePool:
		p.add(field, "%q is set by Karpenter", key)
	case key == corev1.LabelHostname:
		p.add(field, "%q is not known before a node is there", key)
	case restricted(key):
		p.add(field, "%q is in a domain of Karpenter's own and is none of its labels", key)
	}
}

// providerLabels are well known to the AWS provider beyond those that pods usually select by.
var providerLabels = []string{
	"karpenter.k8s.aws/capacity-reservation-type", "karpenter.k8s.aws/capacity-reservation-interruptible",
	"karpenter.k8s.aws/placement-group-id", "karpenter.k8s.aws/placement-group-partition", "karpenter.k8s.aws/ec2nodeclass",
	"karpenter.k8s.aws/instance-tenancy",
}

func restricted(key string) bool {
	domain, _, ok := strings.Cut(key, "/")
	if !ok {
		return false
	}
	own := false
	for _, d := range []string{"karpenter.sh", "karpenter.k8s.aws"} {
		own = own || domain == d || strings.HasSuffix(domain, "."+d)
	}
	return own && !slices.Contains(WellKnownLabels(), key) && !slices.Contains(providerLabels, key)
}

func (p *problems) requirements(field string, list []RequirementSpec) {
	if len(list) > maxRequirements {
		p.add(field, "%d requirements; at most %d are allowed", len(list), maxRequirements)
	}
	for i := range list {
		at, r := fmt.Sprintf("%s[%d]", field, i), &list[i]
		p.key(at+".key", kube.NormalizeKey(r.Key))
		p.operator(at, r.Key, r.Operator, r.Values)
		p.minValues(at, r)
	}
}

// operator checks that the values are such as the operator takes.
func (p *problems) operator(at, key string, op kube.Operator, values []string) {
	for _, v := range values {
		for _, why := range validation.IsValidLabelValue(v) {
			p.add(at+".values", "%q: %s", v, why)
		}
	}
	switch op {
	case kube.In:
		if len(values) == 0 {
			p.add(at+".values", "In needs a value")
		}
		p.known(at, key, values)
	case kube.NotIn:
	case kube.Exists, kube.DoesNotExist:
		if len(values) > 0 {
			p.add(at+".values", "%s takes no values, not %q", op, values)
		}
	case kube.Gt, kube.Lt, kube.Gte, kube.Lte:
		if len(values) != 1 {
			p.add(at+".values", "%s takes one integer, not %d values", op, len(values))
		} else if n, err := strconv.ParseInt(values[0], 10, 64); err != nil || n < 0 {
			p.add(at+".values", "%s takes an integer of 0 or more, not %q", op, values[0])
		}
	default:
		p.add(at+".operator", "%q is none of In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte and Lte", op)
	}
}

// known checks labels that have few values: one of them must be there.
func (p *problems) known(at, key string, values []string) {
	if kube.NormalizeKey(key) != LabelCapacityType || len(values) == 0 {
		return
	}
	types := []string{cloudprovider.Reserved, cloudprovider.Spot, cloudprovider.OnDemand}
	if !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(types, v) }) {
		p.add(at+".values", "%q: none is a capacity type: %s", values, strings.Join(types, ", "))
	}
}

func (p *problems) minValues(at string, r *RequirementSpec) {
	if r.MinValues == nil {
		return
	}
	if n := *r.MinValues; n < 1 || n > maxMinValues {
		p.add(at+".minValues", "%d is not within 1 to %d", n, maxMinValues)
	} else if r.Operator == kube.In && n > len(r.Values) {
		p.add(at+".minValues", "%d is more than the %d values", n, len(r.Values))
	}
}

// contradictions looks for labels that are demanded in ways that no value meets. Karpenter accepts such a pool and finds no
// instance type for it.
func (p *problems) contradictions(pool *NodePool) {
	type demand struct {
		all   kube.Requirement
		said  []string
		needs bool // the label must be there
	}
	byKey := map[string]*demand{}
	say := func(r kube.Requirement, text string) {
		d := byKey[r.Key()]
		if d == nil {
			d = &demand{all: r}
			byKey[r.Key()] = d
		} else {
			d.all = d.all.Intersect(r)
		}
		d.said = append(d.said, text)
		d.needs = d.needs || !r.AllowsAbsent()
	}
	for i := range pool.Spec.Template.Spec.Requirements {
		s := &pool.Spec.Template.Spec.Requirements[i]
		if r, err := kube.NewRequirement(kube.NormalizeKey(s.Key), s.Operator, s.Values...); err == nil {
			say(r, strings.TrimSpace(fmt.Sprintf("%s %s", s.Operator, strings.Join(s.Values, ","))))
		}
	}
	labels := pool.Spec.Template.Metadata.Labels
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		say(kube.LabelRequirement(kube.NormalizeKey(key), labels[key]), "the label "+labels[key])
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		if d := byKey[key]; d.needs && len(d.said) > 1 && d.all.Operator() == kube.DoesNotExist {
			p.add("spec.template.spec.requirements", "no value of %q meets all of: %s", key, strings.Join(d.said, "; "))
		}
	}
}

func (p *problems) taints(taints, startup []corev1.Taint) {
	type pair struct{ key, effect string }
	seen := map[pair]string{}
	for _, list := range []struct {
		field  string
		taints []corev1.Taint
	}{{"spec.template.spec.taints", taints}, {"spec.template.spec.startupTaints", startup}} {
		for i := range list.taints {
			t, at := &list.taints[i], fmt.Sprintf("%s[%d]", list.field, i)
			for _, why := range validation.IsQualifiedName(t.Key) {
				p.add(at+".key", "%q: %s", t.Key, why)
			}
			// Karpenter asks of values what is asked of keys, so that a value may have a slash.
			if t.Value != "" {
				for _, why := range validation.IsQualifiedName(t.Value) {
					p.add(at+".value", "%q: %s", t.Value, why)
				}
			}
			switch t.Effect {
			case corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute, "":
			default:
				p.add(at+".effect", "%q is none of NoSchedule, PreferNoSchedule and NoExecute", t.Effect)
			}
			same := pair{t.Key, string(t.Effect)}
			if before, ok := seen[same]; ok {
				p.add(at, "%s:%s is there already: %s", t.Key, t.Effect, before)
			}
			seen[same] = at
		}
	}
}

func (p *problems) duration(field string, d NillableDuration) {
	if d.Duration < 0 {
		p.add(field, "%s is negative", d.Duration)
	}
}

func (p *problems) disruption(d *Disruption) {
	p.duration("spec.disruption.consolidateAfter", d.ConsolidateAfter)
	switch d.ConsolidationPolicy {
	case "", WhenEmpty, WhenEmptyOrUnderutilized, Balanced:
	default:
		p.add("spec.disruption.consolidationPolicy", "%q is none of WhenEmpty, WhenEmptyOrUnderutilized and Balanced", d.ConsolidationPolicy)
	}
	if len(d.Budgets) > maxBudgets {
		p.add("spec.disruption.budgets", "%d budgets; at most %d are allowed", len(d.Budgets), maxBudgets)
	}
	for i := range d.Budgets {
		p.budget(fmt.Sprintf("spec.disruption.budgets[%d]", i), &d.Budgets[i])
	}
}

func (p *problems) budget(at string, b *Budget) {
	if b.Nodes != "" && !budgetNodes.MatchString(b.Nodes) {
		p.add(at+".nodes", "%q is neither a count such as 5 nor a share such as 10%%, of at most 100%%", b.Nodes)
	} else if n, err := strconv.ParseInt(strings.TrimSuffix(b.Nodes, "%"), 10, 32); b.Nodes != "" && (err != nil || n < 0) {
		p.add(at+".nodes", "%q is too large", b.Nodes)
	}
	for _, reason := range b.Reasons {
		if reason != Underutilized && reason != Empty && reason != Drifted {
			p.add(at+".reasons", "%q is none of Underutilized, Empty and Drifted", reason)
		}
	}
	switch {
	case b.Schedule != nil && b.Duration == nil:
		p.add(at+".duration", "is missing: the schedule only says when the budget begins to hold")
	case b.Schedule == nil && b.Duration != nil:
		p.add(at+".schedule", "is missing: the duration only says for how long the budget holds")
	}
	if b.Schedule != nil {
		if !budgetSchedule.MatchString(*b.Schedule) || strings.HasPrefix(*b.Schedule, "TZ=") || strings.HasPrefix(*b.Schedule, "CRON_TZ=") {
			p.add(at+".schedule", "%q is neither five cron fields nor a name such as @daily; its times are UTC", *b.Schedule)
		} else if _, err := cron.ParseStandard(*b.Schedule); err != nil {
			p.add(at+".schedule", "%q: %v", *b.Schedule, err)
		}
	}
	if d := b.Duration; d != nil && (d.Duration < 0 || d.Duration%time.Minute != 0) {
		p.add(at+".duration", "%s is not in whole hours and minutes", d.Duration)
	}
}
