package karpenter

// AWSLabels are the well-known labels of the AWS provider.
func AWSLabels() []string {
	const prefix = "karpenter.k8s.aws/instance-"
	names := []string{
		"category", "family", "generation", "size", "cpu", "cpu-manufacturer", "cpu-sustained-clock-speed-mhz", "memory",
		"ebs-bandwidth", "network-bandwidth", "gpu-name", "gpu-manufacturer", "gpu-count", "gpu-memory",
		"accelerator-name", "accelerator-manufacturer", "accelerator-count", "local-nvme", "hypervisor",
		"encryption-in-transit-supported", "capability-flex", "tenancy",
	}
	labels := make([]string, 0, len(names)+1)
	for _, n := range names {
		labels = append(labels, prefix+n)
	}
	return append(labels, LabelReservationID, "topology.k8s.aws/zone-id")
}
