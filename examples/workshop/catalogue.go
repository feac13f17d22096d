package main

import (
	"bytes"
	"fmt"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/aws"
	"github.com/scalemath/scalemath/karpenter/legacy"
)

// spotShare is what spot machines of the story cost of the list price. Spot prices come and go; list prices are on record.
const spotShare = 0.3

// provisioner reads the workshop's Provisioner and its node template, as NodePool and EC2NodeClass of today.
func provisioner() (legacy.Converted, error) {
	old, err := text("provisioner.yaml")
	if err != nil {
		return legacy.Converted{}, err
	}
	objects, err := legacy.Decode(old)
	if err != nil {
		return legacy.Converted{}, err
	}
	now, err := legacy.Convert(objects)
	if err == nil && (len(now.NodePools) != 1 || len(now.NodeClasses) != 1) {
		err = fmt.Errorf("provisioner.yaml: %s, not one of each", now)
	}
	return now, err
}

// seoul is what EC2 offers in ap-northeast-2, for nodes of a class.
func seoul(class *aws.EC2NodeClass) ([]*cloudprovider.InstanceType, error) {
	table, err := text("ec2-seoul.csv")
	if err != nil {
		return nil, err
	}
	infos, prices, err := aws.ReadFacts(bytes.NewReader(table))
	if err != nil {
		return nil, err
	}
	const region = "ap-northeast-2"
	market := aws.Market{Now: nine, OnDemand: prices[region], Spot: map[string]map[string]float64{}}
	for _, zone := range []string{region + "a", region + "b", region + "c"} {
		market.Zones = append(market.Zones, aws.Zone{Name: zone, Subnets: []string{"subnet-" + zone}})
	}
	for name, price := range prices[region] {
		market.Spot[name] = map[string]float64{}
		for _, zone := range market.Zones {
			market.Spot[name][zone.Name] = price * spotShare
		}
	}
	return aws.Catalog(infos, class, aws.Settings{Region: region}, market)
}

// spotMachines is a cloud of these types and a NodePool that uses it.
func spotMachines() (*karpenter.NodePool, legacy.Converted, []*cloudprovider.InstanceType, error) {
	converted, err := provisioner()
	if err != nil {
		return nil, converted, nil, err
	}
	types, err := seoul(converted.NodeClasses[0])
	return converted.NodePools[0], converted, types, err
}
