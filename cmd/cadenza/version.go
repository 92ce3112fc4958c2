package main

import "runtime/debug"

type versionCommand struct{}

// Run prints the version that the build recorded.
func (c *versionCommand) Run(env *environment) error {
	version, goVersion := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, info.GoVersion
	}
	env.say("cadenza %s (%s)", version, goVersion)
	return nil
}
