//go:build soak

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// threeMachines gives three network namespaces, which are machines of their own as far as the network goes, and the address of this machine at which all of them reach
// mail servers. Each has one cable to the database, which is really pulled, and another to the mail servers. Where they cannot be made, which takes
// root, the nodes are processes on this machine.
func threeMachines(t *testing.T) (list []machine, mail string) {
	t.Helper()
	mail = "10.231.0.1"
	name := func(kind string, i int) string { return fmt.Sprintf("cz%d%s%d", os.Getpid()%100_000, kind, i) } // a name has up to 15 letters
	t.Cleanup(func() { _ = ip("addr del %s/32 dev lo", mail) })
	if err := ip("addr add %s/32 dev lo", mail); err != nil {
		t.Logf("the three nodes are processes on one machine: %v", err)
		return make([]machine, 3), loopback
	}
	for i := range 3 {
		there, database, post := name("n", i), name("d", i), name("m", i)
		t.Cleanup(func() { _ = ip("netns del %s", there) }) // its cables go with it
		near, far := fmt.Sprintf("10.231.%d.1", 2*i+1), fmt.Sprintf("10.231.%d.2", 2*i+1)
		nearMail, farMail := fmt.Sprintf("10.231.%d.1", 2*i+2), fmt.Sprintf("10.231.%d.2", 2*i+2)
		for _, command := range []string{
			"netns add " + there, "-n " + there + " link set lo up",
			"link add " + database + " type veth peer name eth0 netns " + there,
			"link add " + post + " type veth peer name eth1 netns " + there,
			"addr add " + near + "/30 dev " + database, "addr add " + nearMail + "/30 dev " + post,
			"-n " + there + " addr add " + far + "/30 dev eth0", "-n " + there + " addr add " + farMail + "/30 dev eth1",
			"link set " + database + " up", "link set " + post + " up",
			"-n " + there + " link set eth0 up", "-n " + there + " link set eth1 up",
			"-n " + there + " route add " + mail + " via " + nearMail,
		} {
			if err := ip("%s", command); err != nil {
				t.Logf("the three nodes are processes on one machine: %v", err)
				return make([]machine, 3), loopback
			}
		}
		set := func(state string) func() {
			return func() {
				if err := ip("link set %s %s", database, state); err != nil {
					t.Error(err)
				}
			}
		}
		list = append(list, machine{enter: []string{"ip", "netns", "exec", there}, database: near, pull: set("down"), plug: set("up")})
	}
	t.Log("the three nodes are in network namespaces of their own")
	return list, mail
}

// ip runs a command of ip(8).
func ip(command string, values ...any) error {
	command = fmt.Sprintf(command, values...)
	if out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", command, err, out)
	}
	return nil
}
