package keda

// names answers whether a name is in a list, and stays quick when the list is long.
type names struct {
	list []string
	set  map[string]bool
}

// fewNames is up to where looking through a list is quicker than a map.
const fewNames = 32

func namesOf(list []string) names {
	n := names{list: list}
	if len(list) > fewNames {
		n.set = make(map[string]bool, len(list))
		for _, name := range list {
			n.set[name] = true
		}
	}
	return n
}

func (n *names) has(name string) bool {
	if n.set != nil {
		return n.set[name]
	}
	return contains(n.list, name)
}

func (n *names) add(name string) {
	n.list = append(n.list, name)
	switch {
	case n.set != nil:
		n.set[name] = true
	case len(n.list) > fewNames:
		*n = namesOf(n.list)
	}
}

func contains(list []string, name string) bool {
	for i := range list {
		if list[i] == name {
			return true
		}
	}
	return false
}
