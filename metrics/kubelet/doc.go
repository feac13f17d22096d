// Package kubelet turns what a kubelet serves under /metrics/resource into what the resource metrics API shows, as
// metrics-server does, for clusters without one:
//
//	first, err := kubelet.Parse(body, "node-1", now) // one scrape
//	...                                              // a while later
//	second, err := kubelet.Parse(body, "node-1", now)
//	usage := kubelet.Between(kubelet.Defaults(), first, second)
//	kubelet.TopNodes(os.Stdout, usage.Nodes, allocatable)
//
// CPU is the rate of a counter between two scrapes, memory the working set of the second. A controller that scrapes again
// and again keeps a [State] and passes it to [Next]. What has no usage is named with the reason. Fetching is the caller's.
package kubelet
