package main

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/phone"
	"cadenza/internal/store"
)

// phoneFlags say how the sound of calls reaches this machine.
type phoneFlags struct {
	Address string `help:"IP address under which browsers and the trunk reach this machine, when it is behind a router that translates." placeholder:"IP" env:"CADENZA_PHONE_ADDRESS"`
	UDPPort int    `name:"udp-port" help:"UDP port for the sound of browsers, which they must reach; any free one when it is 0." default:"0" placeholder:"PORT" env:"CADENZA_PHONE_UDP_PORT"`
	Ports   string `help:"UDP ports for the sound of the trunk; any free ones when it is empty." placeholder:"FROM-TO" env:"CADENZA_PHONE_PORTS"`
}

// Validate refuses what nobody could reach.
func (f phoneFlags) Validate() error {
	if _, err := netip.ParseAddr(f.Address); f.Address != "" && err != nil {
		return fault.New(fault.Invalid, "The address of the telephone, %q, is no IP address.", f.Address).WithHint("Name one such as 203.0.113.7 with --phone-address.")
	}
	if f.UDPPort < 0 || f.UDPPort > 65535 {
		return fault.New(fault.Invalid, "The UDP port of the telephone must be from 0 to 65535.").WithHint("Choose another with --phone-udp-port.")
	}
	_, err := f.ports()
	return err
}

func (f phoneFlags) ports() (r phone.PortRange, err error) {
	if f.Ports == "" {
		return r, nil
	}
	if n, scanErr := fmt.Sscanf(f.Ports, "%d-%d", &r.Low, &r.High); scanErr != nil || n != 2 || r.Low < 1024 || r.High < r.Low+1 {
		return r, fault.New(fault.Invalid, "The ports of the telephone, %q, are no range.", f.Ports).WithHint("Write one such as 40000-40199 with --phone-ports; each call takes one port.")
	}
	return r, nil
}

// open builds the telephone of a house; nothing is opened before the first call.
func (f phoneFlags) open(h *house, trunk func(context.Context) (phone.Trunk, error)) *phone.Phone {
	ports, _ := f.ports() // Validate has refused a wrong one
	c := phone.Config{Book: h.db, Log: h.log, Node: h.node, Trunk: trunk, Address: f.Address, BrowserPort: f.UDPPort, Ports: ports}
	if h.db.TakesNodes() {
		c.Board = h.db
	}
	return phone.New(c)
}

type phoneCommand struct {
	Show   phoneShowCommand   `cmd:"" help:"Show the trunk."`
	Save   phoneSaveCommand   `cmd:"" help:"Set up or change the trunk; its password is read from standard input."`
	Test   phoneTestCommand   `cmd:"" help:"Sign in to the trunk, to see whether it works."`
	Remove phoneRemoveCommand `cmd:"" help:"Take the trunk away with its password."`
}

type phoneShowCommand struct {
	site
	output
}

// Run shows the trunk.
func (c *phoneShowCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		t, err := h.app.GetTrunk(env.ctx, access.System())
		if err != nil {
			return err
		}
		return c.show(env, api.Trunk(t, ""), func() { sayTrunk(env, t) })
	})
}

func sayTrunk(env *environment, t store.Trunk) {
	if !t.Ready() {
		env.say("No trunk is set up.")
	} else {
		env.say("trunk     %s over %s", t.Host, t.Transport)
		env.say("user      %s", cmp.Or(t.User, "none"))
		env.say("number    %s", cmp.Or(t.Number, "that of the user"))
		env.say("incoming  %t", t.Register)
		env.say("password  %t", t.Secret != nil)
		env.say("last test %s", cmp.Or(t.CheckError, map[bool]string{true: "never", false: "passed"}[t.CheckedAt.IsZero()]))
	}
	env.say("numbers   %s", strings.Join(t.Order(), ", "))
}

type phoneSaveCommand struct {
	site
	output
	Host       string   `arg:"" help:"Name or address of the trunk."`
	Transport  string   `help:"How to speak to it: tls, tcp or udp." enum:"tls,tcp,udp" default:"tls"`
	Port       int      `help:"Its port; the usual one when it is 0." default:"0"`
	Domain     string   `help:"What stands behind the @ of addresses, when that is not the host."`
	User       string   `help:"Our name at the trunk."`
	Login      string   `help:"The name to sign in with, when that is not the user."`
	Number     string   `help:"The number that called people see."`
	Register   bool     `help:"Take incoming calls."`
	Numbers    []string `help:"The fields that are called, the preferred one first: phone, mobile, home_phone."`
	NoPassword bool     `help:"The trunk knows us by our address; read no password."`
}

// Run saves the trunk.
func (c *phoneSaveCommand) Run(env *environment) error {
	in := action.TrunkInput{
		Host: c.Host, Port: c.Port, Transport: c.Transport, Domain: c.Domain, User: c.User, Login: c.Login, Number: c.Number,
		Register: c.Register, Numbers: c.Numbers, NoPassword: c.NoPassword,
	}
	if !c.NoPassword {
		password, err := readSecret(env, "Password at the trunk: ", "password")
		if err != nil {
			return err
		}
		in.Password = password
	}
	return within(env, c.site, func(h *house) error {
		t, err := h.app.SaveTrunk(env.ctx, access.System(), in)
		if err != nil {
			return err
		}
		return c.show(env, api.Trunk(t, ""), func() { env.say("Saved the trunk %s. See whether it works: cadenza phone test", t.Host) })
	})
}

type phoneTestCommand struct {
	site
	output
}

// Run tests the trunk.
func (c *phoneTestCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		t, note, err := h.app.TestTrunk(env.ctx, access.System())
		switch {
		case err != nil:
			return err
		case t.CheckError != "":
			return fault.New(fault.Unavailable, "%s", t.CheckError)
		}
		return c.show(env, api.Trunk(t, note), func() { env.say("%s", cmp.Or(note, "The trunk lets us in.")) })
	})
}

type phoneRemoveCommand struct{ site }

// Run takes the trunk away.
func (c *phoneRemoveCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		if err := h.app.DeleteTrunk(env.ctx, access.System()); err != nil {
			return err
		}
		env.say("Removed the trunk. Numbers are dialled by the sellers' own telephones.")
		return nil
	})
}
