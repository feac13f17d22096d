package clusterautoscaler

import (
	"slices"
	"sort"
)

// GroupSize is a group that may take part of a scale-up.
type GroupSize struct {
	ID   string `json:"id"`   // of the group
	Size int    `json:"size"` // now
	Max  int    `json:"max"`  // at most
}

// Increase is by how much a group grows.
type Increase struct {
	ID   string `json:"id"`   // of the group
	From int    `json:"from"` // its target size before
	To   int    `json:"to"`   // its target size after
}

// unstable is up to how many groups Go's sort keeps the order of equals.
const unstable = 12

// Balance spreads new nodes over groups so that their sizes come as close together as can be (R58). Groups at their maximum
// take none, and what has no room in any group is left out. Only groups that grow are returned, in the order of the sweep.
func Balance(groups []GroupSize, nodes int) []Increase {
	var open []Increase
	limit := map[string]int{}
	room := 0
	for _, g := range groups {
		// A group above its maximum takes part, is found full, and so has a say in who gets the odd nodes.
		if g.Size != g.Max {
			open = append(open, Increase{g.ID, g.Size, g.Size})
			limit[g.ID] = g.Max
			room += max(0, g.Max-g.Size)
		}
	}
	nodes = min(nodes, room)
	if len(open) <= unstable {
		sort.SliceStable(open, func(i, j int) bool { return open[i].From < open[j].From })
	} else {
		sort.Slice(open, func(i, j int) bool { return open[i].From < open[j].From })
	}
	first, at := 0, 0 // groups before first are full
	for nodes > 0 {
		if at == first {
			if nodes -= rounds(open[first:], limit, nodes); nodes == 0 {
				break
			}
		}
		if open[at].To < limit[open[at].ID] {
			open[at].To++
			nodes--
		} else {
			// A full group leaves when its turn comes again, which decides who gets the odd nodes.
			open[first], open[at] = open[at], open[first]
			first++
		}
		if at+1 < len(open) && open[at].To > open[at+1].To {
			at++
		} else {
			at = first
		}
	}
	return slices.DeleteFunc(open, func(i Increase) bool { return i.To == i.From })
}

// rounds makes many whole rounds of the sweep at once: as long as the smallest groups are of one size and none of them
// gets full, each gets a node in turn. It returns how many nodes that took, which may be none.
func rounds(open []Increase, limit map[string]int, nodes int) int {
	width, room := 0, nodes
	for ; width < len(open) && open[width].To == open[0].To; width++ {
		room = min(room, limit[open[width].ID]-open[width].To)
	}
	if width < len(open) {
		room = min(room, open[width].To-open[0].To)
	}
	if room = min(room, nodes/width); room < 1 {
		return 0
	}
	for i := range width {
		open[i].To += room
	}
	return room * width
}
