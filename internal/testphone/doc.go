// Package testphone starts real telephony for tests, on loopback: Kamailio as the trunk, which asks for a password, keeps who
// registered and routes calls, and baresip as the telephones behind it.
//
// Numbers decide what happens: see Trunk. It must never be imported by anything but tests.
//
// Start reading at Start.
package testphone
