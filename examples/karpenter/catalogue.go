package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/internal/manifest"
	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/aws"
)

//go:embed catalogue.yaml
var builtIn []byte

// sources are where instance types come from.
type sources struct {
	catalogues files
	facts      string
	region     string
	zones      string
}

func (s *sources) flags(set *flag.FlagSet) {
	set.Var(&s.catalogues, "catalogue", "instance types, a YAML or JSON list; may be repeated; default: a few built in, at prices of ap-northeast-2")
	set.StringVar(&s.facts, "facts", "", "table of EC2 instance types (CSV) to resolve instance types from")
	set.StringVar(&s.region, "region", "us-east-1", "with -facts, the region whose prices count")
	set.StringVar(&s.zones, "zones", "a,b,c", "with -facts, the letters of the region's zones")
}

// read reads manifests and instance types into a snapshot. Notes say what was passed over or changed.
func (s *sources) read(into *karpenter.Snapshot, args []string, stdin io.Reader) ([]string, error) {
	objects, err := manifest.ReadFiles(stdin, args...)
	if err != nil {
		return nil, err
	}
	r := reader{snapshot: into}
	if err := r.read(objects); err != nil {
		return nil, err
	}
	if into.InstanceTypes, err = s.types(into.NodePools, r.classes); err != nil {
		return nil, err
	}
	if len(r.overlays) > 0 {
		overlaid := karpenter.ApplyOverlays(into.NodePools, into.InstanceTypes, r.overlays)
		into.InstanceTypes = overlaid.InstanceTypes
		for _, o := range overlaid.Overlays {
			r.note("NodeOverlay %s", o)
		}
	}
	return r.notes, nil
}

// types are what each pool can launch, by its name; those under the empty name are for every other pool.
func (s *sources) types(pools []*karpenter.NodePool, classes []*aws.EC2NodeClass) (map[string][]*cloudprovider.InstanceType, error) {
	if s.facts != "" {
		return s.resolve(pools, classes)
	}
	all, err := s.listed()
	return map[string][]*cloudprovider.InstanceType{"": all}, err
}

func (s *sources) listed() ([]*cloudprovider.InstanceType, error) {
	if len(s.catalogues) == 0 {
		return readCatalogue("built-in catalogue", builtIn)
	}
	var all []*cloudprovider.InstanceType
	for _, file := range s.catalogues {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		types, err := readCatalogue(file, text)
		if err != nil {
			return nil, err
		}
		all = append(all, types...)
	}
	return all, nil
}

func readCatalogue(name string, text []byte) ([]*cloudprovider.InstanceType, error) {
	var types []*cloudprovider.InstanceType
	if err := yaml.UnmarshalStrict(text, &types); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i, t := range types {
		if t == nil {
			return nil, fmt.Errorf("%s: [%d] is null", name, i)
		}
		if err := t.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return types, nil
}

// resolve makes instance types of a table of facts, for each pool under its node class where the files have it. Spot has the
// on-demand price, as it has for Karpenter before it has read a history.
func (s *sources) resolve(pools []*karpenter.NodePool, classes []*aws.EC2NodeClass) (map[string][]*cloudprovider.InstanceType, error) {
	f, err := os.Open(s.facts)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	infos, prices, err := aws.ReadFacts(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.facts, err)
	}
	market := aws.Market{OnDemand: prices[s.region]}
	if len(market.OnDemand) == 0 {
		return nil, fmt.Errorf("%s: no prices of region %s", s.facts, s.region)
	}
	for _, letter := range strings.Split(s.zones, ",") {
		market.Zones = append(market.Zones, aws.Zone{Name: s.region + letter, Subnets: []string{"subnet-" + letter}})
	}
	// What has neither a price nor a known network cannot be launched.
	infos = slices.DeleteFunc(infos, func(i aws.InstanceTypeInfo) bool {
		_, priced := market.OnDemand[i.InstanceType]
		return !priced || i.NetworkInfo.Ipv4AddressesPerInterface == 0
	})
	settings := aws.Settings{Region: s.region}
	all := map[string][]*cloudprovider.InstanceType{}
	if all[""], err = aws.Catalog(infos, nil, settings, market); err != nil {
		return nil, err
	}
	for _, p := range pools {
		for _, c := range classes {
			if c.Name != p.Spec.Template.Spec.NodeClassRef.Name {
				continue
			}
			if all[p.Name], err = aws.Catalog(infos, c, settings, market); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}
