// Package cloudprovider says what a cloud is to an autoscaler of nodes: which instance types there are, with what capacity
// and at what price, and which groups of nodes can grow.
//
// An [InstanceType] reads from the JSON or YAML that a catalogue is written in:
//
//	name: c4.2xlarge
//	labels: {kubernetes.io/arch: [amd64], karpenter.k8s.aws/instance-category: [c]}
//	capacity: {cpu: "8", memory: 14208Mi, pods: "58"}
//	overhead: {cpu: 90m, memory: 993Mi}
//	offerings:
//	- {zone: ap-northeast-2a, capacityType: spot, price: 0.1362}
//
// [InstanceTypes], [Launcher] and [NodeGroups] are what scaling of nodes asks of a cloud. [Memory] is all three in memory
// and in virtual time: machines take their time to start, capacity runs out, spot instances are taken back.
package cloudprovider
