package keda

import (
	"sort"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// Job is what a decision needs to know of one of a ScaledJob's jobs.
type Job struct {
	// Name is the job's name.
	Name string `json:"name"`
	// Finished is Complete, Failed, or empty while the job has neither condition. A suspended job is not finished.
	Finished batchv1.JobConditionType `json:"finished,omitempty"`
	// Completion is when the job completed; zero if it did not. Failed jobs have none.
	Completion time.Time `json:"completion,omitzero"`
	// Pods are the job's pods.
	Pods []JobPod `json:"pods,omitempty"`
	// Generation is the generation of the ScaledJob that made the job, as its annotation says; empty if it does not.
	Generation string `json:"generation,omitempty"`
}

// JobPod is what a decision needs to know of one pod of a job.
type JobPod struct {
	// Phase is the pod's phase.
	Phase corev1.PodPhase `json:"phase"`
	// True are the types of the pod's conditions that are True.
	True []corev1.PodConditionType `json:"true,omitempty"`
}

// JobsOf picks the jobs of a ScaledJob out of a list, in the list's order, and gives each its pods. It takes one pass over
// each list.
func JobsOf(sj *ScaledJob, jobs []batchv1.Job, pods []corev1.Pod) []Job {
	byJob := make(map[string][]JobPod, len(jobs))
	for i := range pods {
		p := &pods[i]
		owner := p.Labels["job-name"]
		if owner == "" || p.Namespace != sj.Namespace {
			continue
		}
		pod := JobPod{Phase: p.Status.Phase}
		for _, c := range p.Status.Conditions {
			if c.Status == corev1.ConditionTrue {
				pod.True = append(pod.True, c.Type)
			}
		}
		byJob[owner] = append(byJob[owner], pod)
	}
	var out []Job
	for i := range jobs {
		j := &jobs[i]
		if j.Namespace != sj.Namespace || j.Labels[LabelScaledJob] != sj.Name {
			continue
		}
		job := Job{Name: j.Name, Pods: byJob[j.Name], Generation: j.Annotations[AnnotationGeneration]}
		for _, c := range j.Status.Conditions {
			if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
				job.Finished = c.Type
				break
			}
		}
		if j.Status.CompletionTime != nil {
			job.Completion = j.Status.CompletionTime.Time
		}
		out = append(out, job)
	}
	return out
}

// JobCounts are the jobs of a ScaledJob that are not finished.
type JobCounts struct {
	// Running are all of them, suspended ones included.
	Running int64 `json:"running"`
	// Pending are those without a pod at work.
	Pending int64 `json:"pending"`
}

// CountJobs is J5.
func CountJobs(cfg Config, jobs []Job, pendingPodConditions []string) JobCounts {
	var c JobCounts
	satisfiable := distinct(pendingPodConditions)
	for i := range jobs {
		if jobs[i].Finished != "" {
			continue
		}
		c.Running++
		switch {
		case len(pendingPodConditions) == 0 && atWork(jobs[i].Pods):
		case len(pendingPodConditions) > 0 && (satisfiable || cfg.fixes().CountConditionsOnce) && fulfilled(jobs[i].Pods, pendingPodConditions):
		default:
			c.Pending++
		}
	}
	return c
}

func atWork(pods []JobPod) bool {
	for i := range pods {
		if p := pods[i].Phase; p == corev1.PodRunning || p == corev1.PodSucceeded {
			return true
		}
	}
	return false
}

// fulfilled tells whether one pod has all conditions.
func fulfilled(pods []JobPod, conditions []string) bool {
	for i := range pods {
		if hasAll(pods[i].True, conditions) {
			return true
		}
	}
	return false
}

func hasAll(have []corev1.PodConditionType, want []string) bool {
	for _, w := range want {
		found := false
		for _, h := range have {
			if string(h) == w {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// distinct tells whether a list has no duplicate. KEDA compares the number of conditions found with the length of the
// list, so that one listed twice is never satisfied (J5).
func distinct(list []string) bool {
	for i, a := range list {
		for _, b := range list[:i] {
			if a == b {
				return false
			}
		}
	}
	return true
}

// finishedJobs sorts jobs by completion, those without one being equal to every other. Together with an unstable sort that
// decides which are deleted (J10).
type finishedJobs struct {
	jobs  []Job
	index []int32
}

func (f *finishedJobs) Len() int      { return len(f.index) }
func (f *finishedJobs) Swap(i, j int) { f.index[i], f.index[j] = f.index[j], f.index[i] }
func (f *finishedJobs) Less(i, j int) bool {
	a, b := f.jobs[f.index[i]].Completion, f.jobs[f.index[j]].Completion
	return !a.IsZero() && !b.IsZero() && a.Before(b)
}

// oldest appends the jobs of that kind that are beyond the limit.
func (f *finishedJobs) oldest(into []string, kind batchv1.JobConditionType, limit int32) []string {
	f.index = f.index[:0]
	for i := range f.jobs {
		if f.jobs[i].Finished == kind {
			f.index = append(f.index, int32(i))
		}
	}
	beyond := len(f.index) - int(limit)
	if beyond <= 0 {
		return into
	}
	sort.Sort(f)
	for _, i := range f.index[:beyond] {
		into = append(into, f.jobs[i].Name)
	}
	return into
}
