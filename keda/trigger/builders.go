package trigger

// builders are the types that every registry knows.
var builders = map[string]Builder{
	"aws-cloudwatch":      newCloudWatch,
	"aws-sqs-queue":       newSQS,
	"cpu":                 newResource,
	"cron":                newCron,
	"graphite":            newGraphite,
	"kubernetes-resource": newKubernetesResource,
	"kubernetes-workload": newWorkload,
	"loki":                newLoki,
	"memory":              newResource,
	"metrics-api":         newMetricsAPI,
	"prometheus":          newPrometheus,
	"rabbitmq":            newRabbitMQ,
}
