package proportional

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Containers is the vertical sibling's config: from a container's name to its scales. It has no schema beyond that, and
// reads as leniently as JSON does (V9).
type Containers map[string]ContainerScales

// ContainerScales are the scales of one container. The JSON names are upstream's.
type ContainerScales struct {
	// Requests are the scales of requests, by resource.
	Requests map[corev1.ResourceName]Scale `json:"requests,omitempty"`
	// Limits are the scales of limits, by resource.
	Limits map[corev1.ResourceName]Scale `json:"limits,omitempty"`
}

// VerticalConfig holds the flags that matter to a poll.
type VerticalConfig struct {
	// Profile says which of upstream's surprises are left out; the zero value leaves out none.
	Profile VerticalProfile
	// Default is --default-config; default none.
	Default Containers
}

// VerticalInput is everything that one poll sees.
type VerticalInput struct {
	// Size is the cluster's size, from [VerticalSizeOf].
	Size VerticalSize
	// File is --config-file as it is now; nil where there is none.
	File *VerticalFile
}

// VerticalFile is a config file.
type VerticalFile struct {
	// ID is the file's identity, its inode. The text is read again only when this changes, not when the file is edited in
	// place (V8).
	ID string
	// Text is its content, a JSON object of [Containers].
	Text string
}

// VerticalState is what lives between one poll and the next. The zero value is a controller that has just started. It
// survives JSON.
type VerticalState struct {
	// FileID is the identity of the file that was read last.
	FileID string `json:"fileID,omitempty"`
	// Containers is the config in force; nil where there never was one.
	Containers Containers `json:"containers"`
	// Applied are the results last written. The decision does not know whether writing succeeds, so the caller sets this
	// to the decision's Resources when it did (V6).
	Applied map[string]corev1.ResourceRequirements `json:"applied,omitempty"`
}

// VerticalResult is one request or limit.
type VerticalResult struct {
	// Container is the container's name.
	Container string `json:"container"`
	// Limit tells a limit from a request.
	Limit bool `json:"limit,omitempty"`
	// Resource is the resource's name.
	Resource corev1.ResourceName `json:"resource"`
	// Quantity is the answer.
	Quantity resource.Quantity `json:"quantity"`
	// Outcome is the answer with what decided.
	Outcome VerticalOutcome `json:"outcome"`
}

// VerticalDecision is what one poll does, and why.
type VerticalDecision struct {
	// Write tells whether the results differ from the last applied ones, so that the target is to be patched with all of
	// Resources.
	Write bool
	// Resources are the results as the patch wants them, by container.
	Resources map[string]corev1.ResourceRequirements
	// Results are the same with their reasons, sorted by container, requests before limits, and resource.
	Results []VerticalResult
	// Size is the cluster size in question.
	Size VerticalSize
	// Err is what the poll ends with: a file that does not parse, or a quantity at which upstream crashes (V4).
	Err error
}

// ParseContainers reads the JSON of --default-config or of a config file.
func ParseContainers(text []byte) (Containers, error) {
	return overlay(nil, text)
}

// overlay reads text over a config. A container in the text replaces that container as a whole (V7).
func overlay(base Containers, text []byte) (Containers, error) {
	containers := Containers{}
	maps.Copy(containers, base)
	if err := json.Unmarshal(text, &containers); err != nil {
		return nil, fmt.Errorf("%w config: %w", ErrInvalid, err)
	}
	return containers, nil
}

// DecideVertical is one poll. The state holds what was read of the file even where the poll ends with an error, so that a
// bad file is reported once and then passed over (V8). The error is for a negative size.
func DecideVertical(cfg VerticalConfig, in VerticalInput, st VerticalState) (VerticalDecision, VerticalState, error) {
	d := VerticalDecision{Size: in.Size}
	if in.Size.Nodes < 0 || in.Size.Cores < 0 {
		return d, st, fmt.Errorf("%w size: %d nodes, %d cores: is negative", ErrInvalid, in.Size.Nodes, in.Size.Cores)
	}
	text := ""
	if in.File != nil && in.File.ID != st.FileID {
		st.FileID, text = in.File.ID, in.File.Text
	}
	if st.Containers == nil || text != "" {
		containers := Containers{}
		maps.Copy(containers, cfg.Default)
		if text != "" {
			var err error
			if containers, err = overlay(cfg.Default, []byte(text)); err != nil {
				d.Err = err
				return d, st, nil
			}
		}
		st.Containers = containers
	}
	if d.Results, d.Err = st.Containers.Results(in.Size, cfg.Profile); d.Err != nil {
		return d, st, nil
	}
	d.Resources = gather(st.Containers, d.Results)
	d.Write = !same(d.Resources, st.Applied)
	return d, st, nil
}

// Results computes every request and limit for a cluster of that size. The error names the container and the resource.
func (c Containers) Results(size VerticalSize, profile VerticalProfile) ([]VerticalResult, error) {
	var results []VerticalResult
	for _, container := range slices.Sorted(maps.Keys(c)) {
		for _, part := range []struct {
			name   string
			limit  bool
			scales map[corev1.ResourceName]Scale
		}{{"requests", false, c[container].Requests}, {"limits", true, c[container].Limits}} {
			for _, name := range slices.Sorted(maps.Keys(part.scales)) {
				policy, err := part.scales[name].Compile(profile)
				if err != nil {
					return nil, fmt.Errorf("%s.%s.%s: %w", container, part.name, name, err)
				}
				outcome, err := policy.Milli(size)
				if err != nil {
					return nil, fmt.Errorf("%s.%s.%s: %w", container, part.name, name, err)
				}
				q := resource.NewQuantity(0, profile.format(name))
				q.SetMilli(outcome.Milli)
				results = append(results, VerticalResult{container, part.limit, name, *q, outcome})
			}
		}
	}
	return results, nil
}

// format is the print format of a resource, swapped as upstream has it unless the profile wants the usual one (V5).
func (p VerticalProfile) format(name corev1.ResourceName) resource.Format {
	bytes := name == corev1.ResourceMemory || name == corev1.ResourceStorage
	if bytes == p.UsualFormat {
		return resource.BinarySI
	}
	return resource.DecimalSI
}

// gather makes the patch: every configured container, also one without any scale (V6).
func gather(containers Containers, results []VerticalResult) map[string]corev1.ResourceRequirements {
	out := make(map[string]corev1.ResourceRequirements, len(containers))
	for name := range containers {
		out[name] = corev1.ResourceRequirements{Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}}
	}
	for _, r := range results {
		if r.Limit {
			out[r.Container].Limits[r.Resource] = r.Quantity
		} else {
			out[r.Container].Requests[r.Resource] = r.Quantity
		}
	}
	return out
}

func same(a, b map[string]corev1.ResourceRequirements) bool {
	equal := func(a, b corev1.ResourceList) bool {
		return maps.EqualFunc(a, b, func(x, y resource.Quantity) bool { return x.Cmp(y) == 0 })
	}
	return maps.EqualFunc(a, b, func(x, y corev1.ResourceRequirements) bool {
		return equal(x.Requests, y.Requests) && equal(x.Limits, y.Limits)
	})
}
