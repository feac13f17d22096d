package aws

import (
	"slices"
	"strings"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
)

// FleetError is what EC2 answers for one override that it could not launch.
type FleetError struct {
	Code         string // such as InsufficientInstanceCapacity
	Message      string // in words
	InstanceType string // of the override
	Zone         string // of the override
	Subnet       string // of the override
}

// ErrorClass is what an error of EC2 means to provisioning.
type ErrorClass string

// The classes of errors. All but Other are known codes; of several that fit, the first in this order is meant.
const (
	ErrorSubnetExhausted     ErrorClass = "SubnetExhausted"     // unfulfillable: the subnet has no address left
	ErrorReservationExceeded ErrorClass = "ReservationExceeded" // unfulfillable: the reservation has no instance left
	ErrorPlacementGroupFull  ErrorClass = "PlacementGroupFull"  // unfulfillable: seven instances a zone in a spread placement group
	ErrorUnfulfillable       ErrorClass = "Unfulfillable"       // no capacity now, or a quota
	ErrorSpotRoleMissing     ErrorClass = "SpotRoleMissing"     // the service role of spot cannot be made: no spot at all
	ErrorNotFound            ErrorClass = "NotFound"            // something that was named does not exist
	ErrorAlreadyExists       ErrorClass = "AlreadyExists"       // something that was to be made exists
	ErrorDryRun              ErrorClass = "DryRun"              // it would have worked
	ErrorUnauthorized        ErrorClass = "Unauthorized"        // it is not allowed
	ErrorRateLimited         ErrorClass = "RateLimited"         // too many calls
	ErrorOther               ErrorClass = "Other"               // anything else
)

var unfulfillable = []string{
	"InsufficientInstanceCapacity", "MaxSpotInstanceCountExceeded", "VcpuLimitExceeded", "UnfulfillableCapacity", "Unsupported",
	"MaxFleetCountExceeded",
}

var notFound = []string{
	"InvalidCapacityReservationId.NotFound", "InvalidInstanceID.NotFound", "InvalidLaunchTemplateId.NotFound",
	"InvalidLaunchTemplateName.NotFoundException", "QueueDoesNotExist", "NoSuchEntity", "ParameterNotFound",
}

// Classify tells what an error code means; the message tells a full placement group from other lack of capacity.
func Classify(code, message string) ErrorClass {
	switch {
	case code == "InsufficientFreeAddressesInSubnet":
		return ErrorSubnetExhausted
	case code == "ReservationCapacityExceeded":
		return ErrorReservationExceeded
	case slices.Contains(unfulfillable, code) && strings.Contains(message, "limit of instances in this spread placement group"):
		return ErrorPlacementGroupFull
	case slices.Contains(unfulfillable, code):
		return ErrorUnfulfillable
	case code == "AuthFailure.ServiceLinkedRoleCreationNotPermitted":
		return ErrorSpotRoleMissing
	case slices.Contains(notFound, code):
		return ErrorNotFound
	case code == "EntityAlreadyExists":
		return ErrorAlreadyExists
	case code == "DryRunOperation":
		return ErrorDryRun
	case code == "UnauthorizedOperation":
		return ErrorUnauthorized
	case code == "RequestLimitExceeded":
		return ErrorRateLimited
	}
	return ErrorOther
}

// Unfulfillable tells whether the error means that there is no capacity now, so that something else should be tried.
func (c ErrorClass) Unfulfillable() bool {
	switch c {
	case ErrorSubnetExhausted, ErrorReservationExceeded, ErrorPlacementGroupFull, ErrorUnfulfillable:
		return true
	}
	return false
}

// ScheduleAgain tells whether a launch that failed with these errors is given up, so that its pods are scheduled anew without
// what failed: each of them is about capacity (R103). Otherwise the launch itself is tried again.
func ScheduleAgain(errs []FleetError) bool {
	for _, e := range errs {
		if c := Classify(e.Code, e.Message); !c.Unfulfillable() && c != ErrorSpotRoleMissing {
			return false
		}
	}
	return true
}

// WithErrors notes what a launch could not have (R102). Types are those that were asked for, all of which are out in a zone
// where a spread placement group is full. A reserved launch notes nothing here but subnets: its reservations are counted down
// instead, and are returned.
func (u Unavailable) WithErrors(now time.Time, capacityType string, errs []FleetError, types []*cloudprovider.InstanceType, placementGroup string) (Unavailable, []string) {
	var reservations []string
	for _, e := range errs {
		class := Classify(e.Code, e.Message)
		if class == ErrorSubnetExhausted && e.Subnet != "" {
			u = u.WithSubnet(now, e.Subnet)
		}
		switch {
		case capacityType == cloudprovider.Reserved:
			if class.Unfulfillable() && class != ErrorPlacementGroupFull {
				reservations = append(reservations, reservationsOf(types, e)...)
			}
		case class == ErrorPlacementGroupFull && placementGroup != "":
			for _, t := range types {
				u = u.WithOffering(now, t.Name, e.Zone, capacityType, placementGroup)
			}
		case class.Unfulfillable():
			u = u.WithOffering(now, e.InstanceType, e.Zone, capacityType, placementGroup)
		case class == ErrorSpotRoleMissing:
			u = u.WithCapacityType(now, cloudprovider.Spot)
		}
	}
	return u, reservations
}

// reservationsOf is the reservation that an override was for; filters leave one for each type and zone.
func reservationsOf(types []*cloudprovider.InstanceType, e FleetError) []string {
	for _, t := range types {
		if t.Name != e.InstanceType {
			continue
		}
		for i := range t.Offerings {
			if o := &t.Offerings[i]; o.CapacityType == cloudprovider.Reserved && o.Zone == e.Zone {
				return []string{o.ReservationID}
			}
		}
	}
	return nil
}
