package keda

import (
	"maps"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// BuildJob makes a job for a ScaledJob. The error is [ErrInvalid] where the ScaledJob has no template for one.
func BuildJob(cfg Config, sj *ScaledJob) (*batchv1.Job, error) {
	if sj == nil || sj.Spec.JobTargetRef == nil {
		return nil, invalid("spec.jobTargetRef", "missing")
	}
	yes, prefix := true, sj.Name+"-"
	labels := map[string]string{
		"app.kubernetes.io/name":       sj.Name,
		"app.kubernetes.io/version":    cfg.Version,
		"app.kubernetes.io/part-of":    sj.Name,
		"app.kubernetes.io/managed-by": "keda-operator",
		LabelScaledJob:                 sj.Name,
	}
	copyLabels(labels, sj.Labels, sj.Annotations, AnnotationExcludedJobLabels)
	annotations := map[string]string{AnnotationGeneration: strconv.FormatInt(sj.Generation, 10)}
	maps.Copy(annotations, sj.Annotations)
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: prefix, Namespace: sj.Namespace, Labels: labels, Annotations: annotations,
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "keda.sh/v1alpha1", Kind: "ScaledJob", Name: sj.Name, UID: sj.UID, Controller: &yes, BlockOwnerDeletion: &yes,
			}},
		},
		Spec: *sj.Spec.JobTargetRef.DeepCopy(),
	}
	template := &job.Spec.Template
	template.GenerateName = prefix
	if template.Labels == nil {
		template.Labels = map[string]string{}
	}
	template.Labels[LabelScaledJob] = sj.Name
	// A job must not have Always, which is what the API server would make of nothing.
	if template.Spec.RestartPolicy == "" {
		template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
	}
	return job, nil
}
