package store

import "syscall"

// tcpUserTimeout is TCP_USER_TIMEOUT of tcp(7), in milliseconds.
const tcpUserTimeout = 0x12

// giveUpSending ends a connection whose other side does not confirm what was sent to it: by default Linux tries for a quarter of an hour.
func giveUpSending(network, _ string, conn syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(unheardFor.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return failed
}
