package karpenter

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/scalemath/scalemath/binpack/kube"
)

// reqID is the number of a requirement in an interner; 0 stands for none.
type reqID int32

// shapeID is the number of a set of requirements in an interner; 0 is the set that requires nothing.
type shapeID int32

// entry is a requirement of a set, under its key's number.
type entry struct {
	key int32
	id  reqID
}

// interner numbers requirements and sets of them, so that narrowing a set that was narrowed the same way before is a
// look-up. Values stay as text within a requirement: pods may name any number of them.
type interner struct {
	keys      map[string]int32
	keyNames  []string
	wellKnown []bool // by key: may be undefined on the side of a claim (rule 9)

	reqs    []kube.Requirement // by reqID
	reqKey  []int32
	ids     map[string]reqID
	met     map[[2]reqID]reqID
	overlap map[[2]reqID]bool

	shapes   [][]entry // sorted by key
	shapeIDs map[string]shapeID
	merged   [2]map[[2]shapeID]shapeID // by whether nothing may be undefined; -1: incompatible
	narrowed map[[2]int32]shapeID
	buf      []byte
	scratch  []entry

	hasMinValues bool // some requirement has minValues
}

// Why two sets do not merge.
const (
	conflicting shapeID = -1
	undefined   shapeID = -2
)

// memoLimit bounds the memory of memos: beyond it answers are worked out anew.
const memoLimit = 1 << 20

func newInterner(wellKnown []string) *interner {
	x := &interner{
		keys: map[string]int32{}, ids: map[string]reqID{}, met: map[[2]reqID]reqID{}, overlap: map[[2]reqID]bool{},
		shapeIDs: map[string]shapeID{}, narrowed: map[[2]int32]shapeID{},
		reqs: make([]kube.Requirement, 1), reqKey: []int32{-1}, shapes: make([][]entry, 1),
	}
	x.merged = [2]map[[2]shapeID]shapeID{{}, {}}
	for _, k := range wellKnown {
		x.wellKnown[x.key(kube.NormalizeKey(k))] = true
	}
	return x
}

func (x *interner) key(name string) int32 {
	if k, ok := x.keys[name]; ok {
		return k
	}
	k := int32(len(x.keyNames))
	x.keys[name] = k
	x.keyNames = append(x.keyNames, name)
	x.wellKnown = append(x.wellKnown, false)
	return k
}

// id numbers a requirement; equal ones have equal numbers.
func (x *interner) id(r kube.Requirement) reqID {
	key := x.key(r.Key())
	b := binary.AppendVarint(x.buf[:0], int64(key))
	if r.Complement() {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.AppendVarint(b, int64(r.MinValues()))
	if lower, upper, ok := r.Bounds(); ok {
		b = append(b, 1)
		b = binary.AppendVarint(binary.AppendVarint(b, lower), upper)
	} else {
		b = append(b, 0)
	}
	for _, v := range r.Values() {
		b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	x.buf = b
	if id, ok := x.ids[string(b)]; ok {
		return id
	}
	id := reqID(len(x.reqs))
	x.ids[string(b)] = id
	x.reqs = append(x.reqs, r)
	x.reqKey = append(x.reqKey, key)
	x.hasMinValues = x.hasMinValues || r.MinValues() > 0
	return id
}

// meet narrows one requirement by another under the same key.
func (x *interner) meet(a, b reqID) reqID {
	if a == b {
		return a
	}
	if a > b {
		a, b = b, a
	}
	if id, ok := x.met[[2]reqID{a, b}]; ok {
		return id
	}
	id := x.id(x.reqs[a].Intersect(x.reqs[b]))
	if len(x.met) < memoLimit {
		x.met[[2]reqID{a, b}] = id
	}
	return id
}

// meets is rule 7: the two have a value in common, or both let the label be absent.
func (x *interner) meets(a, b reqID) bool {
	if a > b {
		a, b = b, a
	}
	if ok, known := x.overlap[[2]reqID{a, b}]; known {
		return ok
	}
	ra, rb := &x.reqs[a], &x.reqs[b]
	ok := ra.Intersects(*rb) || ra.AllowsAbsent() && rb.AllowsAbsent()
	if len(x.overlap) < memoLimit {
		x.overlap[[2]reqID{a, b}] = ok
	}
	return ok
}

// shape numbers a set given as entries sorted by key.
func (x *interner) shape(list []entry) shapeID {
	if len(list) == 0 {
		return 0
	}
	b := x.buf[:0]
	for _, e := range list {
		b = binary.AppendUvarint(b, uint64(e.id))
	}
	x.buf = b
	if s, ok := x.shapeIDs[string(b)]; ok {
		return s
	}
	s := shapeID(len(x.shapes))
	x.shapeIDs[string(b)] = s
	x.shapes = append(x.shapes, slices.Clone(list))
	return s
}

// shapeOf numbers requirements.
func (x *interner) shapeOf(r kube.Requirements) shapeID {
	list := make([]entry, 0, r.Len())
	for _, q := range r.All() {
		id := x.id(q)
		list = append(list, entry{x.reqKey[id], id})
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	return x.shape(list)
}

// requirements translates a set back.
func (x *interner) requirements(s shapeID) kube.Requirements {
	list := make([]kube.Requirement, len(x.shapes[s]))
	for i, e := range x.shapes[s] {
		list[i] = x.reqs[e.id]
	}
	return kube.NewRequirements(list...)
}

// get is the requirement of a set under a key; 0 where there is none.
func (x *interner) get(s shapeID, key int32) reqID {
	for _, e := range x.shapes[s] {
		if e.key >= key {
			if e.key == key {
				return e.id
			}
			break
		}
	}
	return 0
}

// merge is rule 8 and then rule 6: whether a side that is offered can serve what is demanded, and the offered set
// narrowed by the demand; undefined or conflicting where it cannot. With strict nothing may be undefined on the offered side, as on nodes that exist (rule 9).
//
// What conflicts will always do so, but a label that is undefined on a claim becomes defined once a pod is placed there
// that demands its absence.
func (x *interner) merge(offered, demanded shapeID, strict bool) (shapeID, bool) {
	if demanded == 0 {
		return offered, true
	}
	memo := x.merged[0]
	if strict {
		memo = x.merged[1]
	}
	k := [2]shapeID{offered, demanded}
	if s, ok := memo[k]; ok {
		return s, s >= 0
	}
	s := x.mergeAnew(offered, demanded, strict)
	if len(memo) < memoLimit {
		memo[k] = s
	}
	return s, s >= 0
}

func (x *interner) mergeAnew(offered, demanded shapeID, strict bool) shapeID {
	a, b := x.shapes[offered], x.shapes[demanded]
	out := x.scratch[:0]
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].key < b[0].key:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0].key < a[0].key:
			if (strict || !x.wellKnown[b[0].key]) && !x.reqs[b[0].id].AllowsAbsent() {
				return undefined
			}
			out, b = append(out, b[0]), b[1:]
		default:
			if !x.meets(a[0].id, b[0].id) {
				return conflicting
			}
			out = append(out, entry{a[0].key, x.meet(a[0].id, b[0].id)})
			a, b = a[1:], b[1:]
		}
	}
	x.scratch = out
	return x.shape(out)
}

// with narrows a set by one requirement that goes with it.
func (x *interner) with(s shapeID, id reqID) shapeID {
	k := [2]int32{int32(s), int32(id)}
	if out, ok := x.narrowed[k]; ok {
		return out
	}
	list := slices.Clone(x.shapes[s])
	key := x.reqKey[id]
	i, found := slices.BinarySearchFunc(list, key, func(e entry, k int32) int { return cmp.Compare(e.key, k) })
	if found {
		list[i].id = x.meet(list[i].id, id)
	} else {
		list = slices.Insert(list, i, entry{key, id})
	}
	out := x.shape(list)
	if len(x.narrowed) < memoLimit {
		x.narrowed[k] = out
	}
	return out
}

// replace sets the requirement of a key in a set; 0 takes it away.
func (x *interner) replace(s shapeID, key int32, id reqID) shapeID {
	list := slices.Clone(x.shapes[s])
	i, found := slices.BinarySearchFunc(list, key, func(e entry, k int32) int { return cmp.Compare(e.key, k) })
	switch {
	case found && id == 0:
		list = slices.Delete(list, i, i+1)
	case found:
		list[i].id = id
	case id != 0:
		list = slices.Insert(list, i, entry{key, id})
	}
	return x.shape(list)
}
