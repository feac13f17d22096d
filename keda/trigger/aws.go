package trigger

// AWS is what all triggers of Amazon's cloud share: where, and as whom. It prints and marshals without its secrets.
type AWS struct {
	// Region is the region, such as "eu-west-1".
	Region string
	// Endpoint, where given, takes the place of the service's own address.
	Endpoint string
	// RoleARN is a role to assume, empty for none.
	RoleARN string
	// Ambient says that the credentials are those of the process, not the trigger's.
	Ambient bool
	// AccessKeyID is the trigger's own access key.
	AccessKeyID string `json:"-"`
	// SecretAccessKey belongs to the access key.
	SecretAccessKey string `json:"-"`
	// SessionToken belongs to the access key; empty for a lasting one.
	SessionToken string `json:"-"`
}

// String is the region and nothing secret.
func (a AWS) String() string { return "aws: " + a.Region }

// GoString is String: a dump holds no secret either.
func (a AWS) GoString() string { return a.String() }

// aws reads region and credentials. Without a pod identity the trigger must bring its own, unless identityOwner is "operator".
func (p *params) aws() AWS {
	c := p.cfg
	a := AWS{
		Region: p.need([]origin{metadata, authParams}, "awsRegion"), Endpoint: p.text(written, "awsEndpoint"),
	}
	if c.PodIdentity == "aws" {
		a.Ambient, a.RoleARN = true, c.AuthParams["awsRoleArn"]
		return a
	}
	first := func(values ...string) string {
		for _, v := range values {
			if v != "" {
				return v
			}
		}
		return ""
	}
	env := func(name string) string {
		if name = c.Metadata[name+"FromEnv"]; name == "" {
			return ""
		}
		return c.ResolvedEnv[name]
	}
	switch owner := c.Metadata["identityOwner"]; owner {
	case "", "pod":
		key := first(c.AuthParams["awsAccessKeyID"], c.AuthParams["awsAccessKeyId"])
		switch {
		case c.AuthParams["awsRoleArn"] != "":
			a.Ambient, a.RoleARN = true, c.AuthParams["awsRoleArn"]
			return a
		case key != "":
			a.AccessKeyID, a.SecretAccessKey, a.SessionToken = key, c.AuthParams["awsSecretAccessKey"], c.AuthParams["awsSessionToken"]
		default:
			a.AccessKeyID, a.SecretAccessKey = first(c.Metadata["awsAccessKeyID"], env("awsAccessKeyID")), env("awsSecretAccessKey")
		}
		if a.AccessKeyID == "" {
			p.fail("authParams.awsAccessKeyID", "missing")
		} else if a.SecretAccessKey == "" {
			p.fail("authParams.awsSecretAccessKey", "missing")
		}
	default:
		// Upstream reads any other word as the operator's identity.
		a.Ambient = true
	}
	return a
}
