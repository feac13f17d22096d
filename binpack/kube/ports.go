package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// HostPort is a port of the node that a pod takes for itself.
type HostPort struct {
	IP       string          // the address; 0.0.0.0 is all addresses
	Protocol corev1.Protocol // TCP, UDP or SCTP
	Port     int32           // the number on the node
}

// HostPorts are the ports of the node that a pod takes: those of its containers and sidecars. Ordinary init containers
// are gone before they could be in the way.
func HostPorts(pod *corev1.Pod) []HostPort {
	var out []HostPort
	for i := range pod.Spec.InitContainers {
		if Sidecar(&pod.Spec.InitContainers[i]) {
			out = appendPorts(out, &pod.Spec.InitContainers[i])
		}
	}
	for i := range pod.Spec.Containers {
		out = appendPorts(out, &pod.Spec.Containers[i])
	}
	return out
}

func appendPorts(out []HostPort, c *corev1.Container) []HostPort {
	for i := range c.Ports {
		p := &c.Ports[i]
		if p.HostPort <= 0 {
			continue
		}
		h := HostPort{IP: p.HostIP, Protocol: p.Protocol, Port: p.HostPort}
		if h.IP == "" {
			h.IP = "0.0.0.0"
		}
		if h.Protocol == "" {
			h.Protocol = corev1.ProtocolTCP
		}
		out = append(out, h)
	}
	return out
}

// Conflicts tells whether two ports cannot be on one node: same number, same protocol, and the same address or all of
// them on either side.
func (h HostPort) Conflicts(o HostPort) bool {
	return h.Port == o.Port && h.Protocol == o.Protocol && (h.IP == o.IP || h.IP == "0.0.0.0" || o.IP == "0.0.0.0")
}

// String is address:port/protocol, without the address where it means all.
func (h HostPort) String() string {
	if h.IP == "0.0.0.0" {
		return fmt.Sprintf("%d/%s", h.Port, h.Protocol)
	}
	return fmt.Sprintf("%s:%d/%s", h.IP, h.Port, h.Protocol)
}
