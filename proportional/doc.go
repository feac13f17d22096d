// Package proportional turns the size of a cluster into a number of replicas, as the Cluster Proportional Autoscaler
// does, and into requests and limits, as its vertical sibling does.
//
// A ConfigMap with one key, "linear" or "ladder", is compiled into a [Policy] once. The policy answers any cluster size,
// the real one ([SizeOf], or a [Census] that follows single nodes) as well as one that is only planned:
//
//	policy, err := proportional.ParseConfig(configMap.Data, proportional.Upstream())
//	if err != nil {
//		return err // names the key and the value
//	}
//	outcome, err := policy.Replicas(proportional.SizeOf(nodes))
//	fmt.Println(outcome.Replicas)    // 5
//	outcome.Explain(os.Stdout)       // which quotient or step decided, which bound cut
//	policy.Changes(outcome.Size)     // the next cluster sizes at which the answer is another
//	proportional.Table(policy, 4000, 100) // replicas over cluster size, for nodes of four cores
//
// [Decide] is one poll of the whole controller: it follows the ConfigMap through its versions, says what becomes of a
// config that does not parse, and which targets must be written. [DecideVertical] is the same for requests and limits;
// [Scale] is the arithmetic of one of them.
//
// The results are those of cluster-proportional-autoscaler v1.10.3 and cluster-proportional-vertical-autoscaler v0.8.9,
// defects included. Each known defect has a switch in [Profile] or [VerticalProfile] that leaves it out. No answer
// depends on the time of day, so no input holds one.
package proportional
