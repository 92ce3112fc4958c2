// Command unix can only be built for systems that know kill.
package main

import "syscall"

func main() { _ = syscall.Kill(0, 0) }
