package step

var taskKind = human(Kind{
	Type:  "task",
	Label: "Task",
	Help:  "The seller does anything else, for instance schedules a meeting.",
})
