// Package sim plays a cluster in virtual time: workloads whose pods start, become ready, use something and end, nodes from
// a cloud in memory, a scheduler, metrics as the metrics APIs give them, and the autoscalers of this library in any
// combination, each at its own period. The same scenario always gives the same history.
package sim
