// Package vpa makes the decisions of the Vertical Pod Autoscaler, version 1.8.1, as plain functions: what containers
// should request ([Recommend]), which pods are evicted or resized in place for it ([Update], [Resize]), and what a pod is
// given when it is created ([Admit]). Given what the three controllers would have read, they answer what these would do,
// and why.
//
//	settings, err := vpa.Defaults().Compile()
//	if err != nil {
//		return err
//	}
//	r, err := vpa.NewRecommender(settings, object) // object is a *vpa.VerticalPodAutoscaler
//	if err != nil {
//		return err
//	}
//	r.SetPod(now, vpa.Pod{Name: "web-0", Labels: labels, Containers: []vpa.PodContainer{{Name: "app"}}})
//	app := r.Container("web-0", "app")
//	app.AddCPU(now, 250)           // millicores
//	app.AddMemory(now, 300<<20)    // bytes
//	var decision vpa.Recommendation
//	r.Recommend(&decision)
//	object.Status.Recommendation = decision.Status()
//
// Everything is pure: no clock, no I/O, no logger; the same input gives the same answer. The objects have the JSON names of
// the custom resources, so that YAML decodes as it is. State is a value of the caller's: [State] to the last bit, or
// checkpoints as upstream keeps them.
//
// Upstream's defects are reproduced and named in the decisions. Each has a switch in [Profile], and [Fixed] leaves all of them out.
// Where upstream crashes, nothing is done and the decision says so.
package vpa
