package aws

// Profile says which defects of the provider are left out. The zero value reproduces the release.
type Profile struct {
	// RegionOfLocalZones cuts the region of us-west-2-lax-1a to us-west-2. The release cuts the last character alone, and
	// its label says us-west-2-lax-1.
	RegionOfLocalZones bool
	// WideMemory computes the memory of attribute-based groups in 64 bits. The release wraps at 2 GiB: 3072 MiB make
	// -1073741824 bytes.
	WideMemory bool
	// WholeTags takes a tag of labels, taints and resources at the start of its key alone, and a taint only with one of
	// the three effects. The release takes them anywhere in the key, and any effect that begins well.
	WholeTags bool
}

// Fixed leaves out every known defect.
func Fixed() Profile {
	return Profile{RegionOfLocalZones: true, WideMemory: true, WholeTags: true}
}
