package aws

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Family is a family of machine images; what is reserved on a node depends on it.
type Family string

// The families.
const (
	AL2          Family = "AL2"          // Amazon Linux 2
	AL2023       Family = "AL2023"       // Amazon Linux 2023
	Bottlerocket Family = "Bottlerocket" // pods' files are on a volume of their own
	Windows2019  Family = "Windows2019"  // amd64 only
	Windows2022  Family = "Windows2022"  // amd64 only
	Windows2025  Family = "Windows2025"  // amd64 only
	Custom       Family = "Custom"       // counts as Amazon Linux; its disks are unknown
)

var families = []Family{AL2, AL2023, Bottlerocket, Windows2019, Windows2022, Windows2025, Custom}

func familyNamed(name string) (Family, error) {
	if f := Family(name); slices.Contains(families, f) {
		return f, nil
	}
	return "", fmt.Errorf("%w: amiFamily: %q is none of %v", ErrInvalid, name, families)
}

func (f Family) windows() bool { return strings.HasPrefix(string(f), "Windows") }

// windowsBuild is the version that nodes carry as a label.
func (f Family) windowsBuild() string {
	switch f {
	case Windows2019:
		return "10.0.17763"
	case Windows2022:
		return "10.0.20348"
	case Windows2025:
		return "10.0.26100"
	}
	return ""
}

// memoryByENI tells whether memory is reserved for as many pods as the network allows, whatever maxPods says (R91).
func (f Family) memoryByENI() bool { return f != Bottlerocket && !f.windows() }

// podsByENI tells whether the network limits pods; else it is 110 (R89).
func (f Family) podsByENI() bool { return !f.windows() }

// podsPerCore tells whether podsPerCore counts (R89).
func (f Family) podsPerCore() bool { return f != Bottlerocket }

// ephemeralDevice is the volume that holds the pods' files; empty where that is unknown.
func (f Family) ephemeralDevice() string {
	switch {
	case f == Bottlerocket:
		return "/dev/xvdb"
	case f.windows():
		return "/dev/sda1"
	case f == Custom:
		return ""
	}
	return "/dev/xvda"
}

// ephemeralDefault is its size where nothing is said (R93).
func (f Family) ephemeralDefault() resource.Quantity {
	if f.windows() {
		return resource.MustParse("50Gi")
	}
	return resource.MustParse("20Gi")
}
