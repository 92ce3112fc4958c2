// Package testproc starts real servers for tests so that none of them outlives its test process.
//
// It holds four small things: Start runs a command that the kernel ends together with this process,
// Afterwards runs a clean-up script when this process ends in whatever way (also by kill -9, a panic or
// a time limit), Missing says what to do about a program that is not installed, and NewCertificate makes
// what a server needs for TLS.
//
// It must never be imported by code that ships, and it must never end a process that it did not start.
//
// Start reading at Afterwards.
package testproc
