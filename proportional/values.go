package proportional

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// Values is what matters of a values file of upstream's Helm chart, in YAML or JSON. Whatever else the chart knows (image,
// tolerations, resources) is ignored.
type Values struct {
	// Config holds one config under its mode, linear or ladder, as it stands in the file.
	Config map[string]json.RawMessage `json:"config"`
	// Options are the flags.
	Options Options `json:"options"`
}

// Options are the chart's options that matter. A misspelt one is an error, since a node filter that is not applied changes answers.
type Options struct {
	// Namespace is --namespace; empty means the release's.
	Namespace string `json:"namespace,omitempty"`
	// Target is --target, such as "deployment/nginx-deployment".
	Target string `json:"target,omitempty"`
	// NodeLabels become --nodelabels: nodes must have all of them.
	NodeLabels map[string]string `json:"nodeLabels,omitempty"`
	// PollPeriodSeconds is --poll-period-seconds; 0, the default, means 10.
	PollPeriodSeconds int64 `json:"pollPeriodSeconds,omitempty"`
	// MaxSyncFailures is --max-sync-failures; 0, the default, means never to give up.
	MaxSyncFailures int64 `json:"maxSyncFailures,omitempty"`
}

// ParseValues reads a values file. The error wraps [ErrInvalid] and names the key.
func ParseValues(text []byte) (Values, error) {
	var file struct {
		Config  map[string]json.RawMessage `json:"config"`
		Options map[string]json.RawMessage `json:"options"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return Values{}, fmt.Errorf("%w values: %w", ErrInvalid, err)
	}
	values := Values{Config: file.Config}
	o := &values.Options
	known := map[string]any{
		"namespace": &o.Namespace, "target": &o.Target, "nodeLabels": &o.NodeLabels,
		"pollPeriodSeconds": &o.PollPeriodSeconds, "maxSyncFailures": &o.MaxSyncFailures,
		// Those of the log do not matter to a decision.
		"alsoLogToStdErr": nil, "logBacktraceAt": nil, "logDir": nil, "logLevel": nil, "logToStdErr": nil, "stdErrThreshold": nil, "vmodule": nil,
	}
	for _, name := range slices.Sorted(maps.Keys(file.Options)) {
		into, ok := known[name]
		if !ok {
			return Values{}, fmt.Errorf("%w values: options.%s: no such option", ErrInvalid, name)
		}
		if into == nil {
			continue
		}
		if err := json.Unmarshal(file.Options[name], into); err != nil {
			return Values{}, fmt.Errorf("%w values: options.%s: %w", ErrInvalid, name, err)
		}
	}
	return values, nil
}

// Data is the data of the ConfigMap that the chart makes. As in the chart, keys other than linear and ladder are passed
// over, and there must be one of the two, not both.
func (v Values) Data() (map[string]string, error) {
	data := map[string]string{}
	others := make([]string, 0, len(v.Config))
	for key, config := range v.Config {
		switch {
		case key != linearKey && key != ladderKey:
			others = append(others, key)
		case !blank(config):
			data[key] = string(config)
		}
	}
	slices.Sort(others)
	switch len(data) {
	case 1:
		return data, nil
	case 0:
		return nil, fmt.Errorf("%w values: config: neither linear nor ladder is given (%s)", ErrInvalid, strings.Join(others, ", "))
	}
	return nil, fmt.Errorf("%w values: config: both linear and ladder are given", ErrInvalid)
}

// blank tells what a chart's template takes for nothing.
func blank(config json.RawMessage) bool {
	text := strings.TrimSpace(string(config))
	return text == "" || text == "null" || text == "{}"
}

// Selector is the node filter that the options ask for; it matches every node where they ask for none.
func (o Options) Selector() (labels.Selector, error) {
	selector, err := labels.ValidatedSelectorFromSet(o.NodeLabels)
	if err != nil {
		return nil, fmt.Errorf("%w values: options.nodeLabels: %w", ErrInvalid, err)
	}
	return selector, nil
}
