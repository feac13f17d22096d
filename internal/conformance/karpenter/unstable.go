package karpenter

import "slices"

// drawn are the questions in which upstream draws the domain of a spread constraint by lot (rule 53), which changes the
// types and prices of claims, but not who goes where.
var drawn = []string{"schedule-11-64", "schedule-11-90", "schedule-11-263", "schedule-11-346"}

// unordered are the questions in which upstream's requests of one claim depend on the order of a map (rule 31): the pod
// that names the claim, and both answers.
var unordered = map[string]struct {
	pod     string
	answers [2][3]string // cpu, memory, pods
}{
	"schedule-11-169": {"p0015", [2][3]string{{"21", "36800Mi", "17"}, {"21100m", "36Gi", "18"}}},
	"schedule-11-171": {"p0016", [2][3]string{{"300m", "192Mi", "2"}, {"400m", "320Mi", "4"}}},
	"schedule-11-198": {"p0057", [2][3]string{{"1500m", "12Gi", "3"}, {"1550m", "12416Mi", "4"}}},
	"schedule-11-240": {"p0000", [2][3]string{{"3050m", "1984Mi", "31"}, {"3", "1920Mi", "30"}}},
	"schedule-11-300": {"p0005", [2][3]string{{"450m", "536Mi", "5"}, {"400m", "408Mi", "4"}}},
	"schedule-11-372": {"p0000", [2][3]string{{"15850m", "8256Mi", "23"}, {"15750m", "8064Mi", "21"}}},
}

// adjustSchedule blanks what upstream leaves to chance.
func adjustSchedule(question, want, got map[string]any) {
	id, _ := question["id"].(string)
	if slices.Contains(drawn, id) {
		for _, side := range []map[string]any{want, got} {
			delete(side, "totalPrice")
			for _, c := range claims(side) {
				for _, field := range []string{"cheapestType", "cheapestZone", "cheapestCapacityType", "firstInstanceTypes", "instanceTypeCount", "price"} {
					delete(c, field)
				}
			}
		}
	}
	if u, ok := unordered[id]; ok {
		for _, side := range []map[string]any{want, got} {
			for _, c := range claims(side) {
				names, _ := c["pods"].([]any)
				r, _ := c["requests"].(map[string]any)
				if len(names) == 0 || names[0] != u.pod {
					continue
				}
				for _, a := range u.answers {
					if r["cpu"] == a[0] && r["memory"] == a[1] && r["pods"] == a[2] {
						c["requests"] = "either"
					}
				}
			}
		}
	}
}

func claims(side map[string]any) []map[string]any {
	list, _ := side["nodeClaims"].([]any)
	var out []map[string]any
	for _, c := range list {
		if m, ok := c.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
