package trigger

// builders are the types that every registry knows.
var builders = map[string]Builder{
	"cpu":    newResource,
	"cron":   newCron,
	"memory": newResource,
}
