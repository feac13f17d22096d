// Package aws is the arithmetic of Karpenter's AWS provider, without AWS: from the facts that EC2 tells of an instance type,
// a node class and prices to the instance types that NodePools choose from, and from a claim to what would be asked of EC2.
//
//	infos, prices, err := aws.ReadFacts(table)           // or aws.ReadInstanceTypes(describeInstanceTypes)
//	types, err := aws.Catalog(infos, class, aws.Settings{}, aws.Market{
//		Zones:    []aws.Zone{{Name: "us-east-1a", Subnets: []string{"subnet-1"}}},
//		OnDemand: prices["us-east-1"],
//	})
//
// [Resolve] gives capacity, overhead and labels, [Offerings] where a type can be had and for how much, [Launch] what is left
// of them when a node is launched. [Unavailable] remembers what could not be had, as a value.
package aws
