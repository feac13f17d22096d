// Package legacy reads the Provisioner and AWSNodeTemplate of Karpenter up to 0.32 and turns them into the NodePool and
// EC2NodeClass of today, with a report that says of every field where it went and why.
//
//	old, err := legacy.Decode(manifest)
//	now, err := legacy.Convert(old)
//	now.Explain(os.Stdout)
//
// The result decides as the old objects did: defaults that the old webhook filled in are spelled out, and so is what the new
// API would default differently.
package legacy
