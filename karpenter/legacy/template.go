package legacy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/karpenter/aws"
)

// ConvertNodeTemplate turns an AWSNodeTemplate into an EC2NodeClass of its name and says what became of its fields.
func ConvertNodeTemplate(t *AWSNodeTemplate) (*aws.EC2NodeClass, Report) {
	var report Report
	return convertTemplate(t, &report), report
}

func convertTemplate(t *AWSNodeTemplate, report *Report) *aws.EC2NodeClass {
	c := templateConversion{old: &t.Spec, who: "AWSNodeTemplate " + t.Name, report: report}
	c.class.TypeMeta = metav1.TypeMeta{APIVersion: classGroup + "/v1", Kind: classKind}
	c.class.ObjectMeta = metav1.ObjectMeta{Name: t.Name, Labels: t.Labels, Annotations: t.Annotations}
	report.add(Changed, c.who, "kind: AWSNodeTemplate, karpenter.k8s.aws/v1alpha1", "kind: EC2NodeClass, karpenter.k8s.aws/v1", "")
	c.selectors()
	c.image()
	c.identity()
	c.metadata()
	c.same()
	return &c.class
}

// templateConversion is one AWSNodeTemplate on its way.
type templateConversion struct {
	old    *AWSNodeTemplateSpec
	class  aws.EC2NodeClass
	who    string
	report *Report
}

func (c *templateConversion) selectors() {
	for _, s := range []struct {
		from, to string
		old      map[string]string
		into     *[]aws.SelectorTerm
	}{
		{"spec.subnetSelector", "spec.subnetSelectorTerms", c.old.SubnetSelector, &c.class.Spec.SubnetSelectorTerms},
		{"spec.securityGroupSelector", "spec.securityGroupSelectorTerms", c.old.SecurityGroupSelector, &c.class.Spec.SecurityGroupSelectorTerms},
	} {
		if len(s.old) == 0 {
			c.report.add(Needed, c.who, "", s.to, "nothing was selected")
			continue
		}
		ids, tags := split(s.old)
		for _, id := range ids {
			*s.into = append(*s.into, aws.SelectorTerm{ID: id})
		}
		if len(ids) == 0 {
			for _, t := range tags {
				*s.into = append(*s.into, aws.SelectorTerm{Tags: t})
			}
		} else if len(tags) > 1 || len(tags) == 1 && len(tags[0]) > 0 {
			c.report.add(Dropped, c.who, s.from+": tags beside IDs", "", "a term with an ID stands alone now; the IDs say enough")
		}
		c.report.add(Changed, c.who, s.from, fmt.Sprintf("%s: %d terms", s.to, len(*s.into)), `values in a list are terms of their own, an empty value is "*" now`)
	}
}

// maxTerms bounds how many terms lists of values multiply to.
const maxTerms = 100

// split takes a selector apart: its IDs, and its tags with one value each; several values of a tag are alternatives.
func split(selector map[string]string) (ids []string, tags []map[string]string) {
	tags = []map[string]string{{}}
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		values := list(selector[key])
		if key == "aws-ids" || key == "aws::ids" {
			ids = append(ids, values...)
			continue
		}
		var product []map[string]string
		for _, t := range tags {
			for _, v := range values {
				if len(product) == maxTerms {
					break
				}
				with := maps.Clone(t)
				with[key] = cmp.Or(v, "*")
				product = append(product, with)
			}
		}
		tags = product
	}
	return ids, tags
}

func list(values string) []string {
	all := strings.Split(values, ",")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// image turns the family, and what selects an image, into terms; one is obligatory now.
func (c *templateConversion) image() {
	family := "AL2"
	if f := c.old.AMIFamily; f != nil {
		family = *f
	}
	selector := maps.Clone(c.old.AMISelector)
	if len(selector) == 0 {
		known := map[string]string{"AL2": "al2", "Bottlerocket": "bottlerocket", "Windows2019": "windows2019", "Windows2022": "windows2022"}
		alias, ok := known[family]
		if !ok {
			c.report.add(Needed, c.who, "spec.amiFamily: "+family, "spec.amiSelectorTerms", "there is no alias for this family: name the image")
			c.setFamily("Custom")
			return
		}
		c.class.Spec.AMISelectorTerms = []aws.AMISelectorTerm{{Alias: alias + "@latest"}}
		c.report.add(Changed, c.who, "spec.amiFamily: "+family, "spec.amiSelectorTerms: [{alias: "+alias+"@latest}]",
			"an image has to be selected now; the newest one was used before")
		return
	}
	names, owners := []string{""}, []string{""}
	if v, ok := selector["aws::name"]; ok {
		names = list(v)
		delete(selector, "aws::name")
	}
	if v, ok := selector["aws::owners"]; ok {
		owners = list(v)
		delete(selector, "aws::owners")
	}
	ids, tags := split(selector)
	terms := &c.class.Spec.AMISelectorTerms
	for _, id := range ids {
		*terms = append(*terms, aws.AMISelectorTerm{ID: id})
	}
	for _, name := range names {
		for _, owner := range owners {
			for _, t := range tags {
				if len(ids) > 0 || len(*terms) == maxTerms {
					break
				}
				if len(t) == 0 {
					t = nil
				}
				*terms = append(*terms, aws.AMISelectorTerm{Name: name, Owner: owner, Tags: t})
			}
		}
	}
	c.report.add(Changed, c.who, "spec.amiSelector", fmt.Sprintf("spec.amiSelectorTerms: %d terms", len(*terms)), "")
	switch family {
	case "AL2", "Bottlerocket", "Windows2019", "Windows2022", "Custom":
		c.setFamily(family)
		c.report.add(Kept, c.who, "spec.amiFamily: "+family, "spec.amiFamily", "")
	default:
		c.setFamily("Custom")
		c.report.add(Needed, c.who, "spec.amiFamily: "+family, "spec.userData", "the family is gone; as Custom it needs its whole start script")
	}
}

func (c *templateConversion) setFamily(family string) { c.class.Spec.AMIFamily = &family }

func (c *templateConversion) identity() {
	if c.class.Spec.InstanceProfile = c.old.InstanceProfile; c.old.InstanceProfile != nil {
		c.report.add(Kept, c.who, "spec.instanceProfile: "+*c.old.InstanceProfile, "spec.instanceProfile", "")
	} else {
		c.report.add(Needed, c.who, "", "spec.role", "the settings' default instance profile is gone; name the role or an instance profile")
	}
	if c.old.LaunchTemplate != nil {
		c.report.add(Dropped, c.who, "spec.launchTemplate: "+*c.old.LaunchTemplate, "", "launch templates of one's own are gone: say here what it said")
	}
}

// metadata keeps how far instance metadata reaches: two hops were the default, one is now.
func (c *templateConversion) metadata() {
	options := aws.MetadataOptions{}
	if c.old.MetadataOptions != nil {
		options = *c.old.MetadataOptions
		c.report.add(Kept, c.who, "spec.metadataOptions", "spec.metadataOptions", "")
	}
	if options.HTTPPutResponseHopLimit == nil {
		hops := int64(2)
		options.HTTPPutResponseHopLimit = &hops
		c.report.add(Added, c.who, "", "spec.metadataOptions.httpPutResponseHopLimit: 2", "was the default; it would be 1 now, which pods cannot reach through")
	}
	c.class.Spec.MetadataOptions = &options
}

// same takes over what has kept its name.
func (c *templateConversion) same() {
	s, old := &c.class.Spec, c.old
	s.UserData, s.Tags, s.BlockDeviceMappings = old.UserData, old.Tags, slices.Clone(old.BlockDeviceMappings)
	s.DetailedMonitoring, s.Context = old.DetailedMonitoring, old.Context
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"userData", s.UserData != nil}, {"tags", len(s.Tags) > 0}, {"blockDeviceMappings", len(s.BlockDeviceMappings) > 0},
		{"detailedMonitoring", s.DetailedMonitoring != nil}, {"context", s.Context != nil},
	} {
		if f.set {
			c.report.add(Kept, c.who, "spec."+f.name, "spec."+f.name, "")
		}
	}
}
