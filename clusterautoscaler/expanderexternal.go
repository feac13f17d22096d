package clusterautoscaler

// External is a filter that answers with the IDs of the groups to keep, as a gRPC expander does (R49). Where the call
// fails all options stay. No ID at all ends the scale-up. IDs that nobody offered are passed over, and if there are no
// others all options stay.
func External(name string, call func(options []Option) (ids []string, err error)) Expander {
	return Expander{Name: name, Filter: func(options []Option) Verdict {
		ids, err := call(options)
		if err != nil {
			return keepAll(options, "the call failed, so all stay: "+err.Error())
		}
		wanted := make(map[string]bool, len(ids))
		for _, id := range ids {
			wanted[id] = true
		}
		var v Verdict
		for i := range options {
			if wanted[options[i].ID] {
				v.Keep = append(v.Keep, i)
			}
		}
		if len(v.Keep) == 0 && len(ids) > 0 {
			return keepAll(options, "only unknown groups were answered, so all stay")
		}
		return v
	}}
}

func keepAll(options []Option, note string) Verdict {
	v := Verdict{Note: note}
	for i := range options {
		v.Keep = append(v.Keep, i)
	}
	return v
}
