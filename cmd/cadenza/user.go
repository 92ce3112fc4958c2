package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

type userCommand struct {
	Create userCreateCommand `cmd:"" help:"Create a user; the password is read from standard input."`
	Token  userTokenCommand  `cmd:"" help:"Create an API token for a user and print it once."`
	List   userListCommand   `cmd:"" help:"List the users."`
	Set    userSetCommand    `cmd:"" help:"Change what a user has chosen, and say what that is."`
}

type userCreateCommand struct {
	site
	output
	Email string `arg:"" help:"Email address, with which the user signs in."`
	Name  string `help:"Full name." required:""`
	Role  string `help:"Role: admin, sequence_manager, sales_manager or seller." enum:"admin,sequence_manager,sales_manager,seller" default:"seller"`
	Zone  string `help:"Time zone, for instance Europe/Berlin." default:"UTC"`
}

// Run creates the user.
func (c *userCreateCommand) Run(env *environment) error {
	password, err := readSecret(env, "Password (at least 10 characters): ", "password")
	if err != nil {
		return err
	}
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	u, err := h.app.CreateUser(env.ctx, access.System(), action.NewUser{
		Name: c.Name, Email: c.Email,
		Password: password, Zone: c.Zone, Role: access.Role(c.Role),
	})
	if err != nil {
		return err
	}
	return c.show(env, api.User(u), func() { env.say("Created %s (%s), %s.", u.Name, u.Email, u.Role.Label()) })
}

// readSecret asks for a secret at a terminal, where it stays unseen, and else reads the first line of standard input.
func readSecret(env *environment, ask, what string) (string, error) {
	var (
		line []byte
		err  error
	)
	if file, ok := env.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		_, _ = fmt.Fprint(env.stderr, ask)
		line, err = term.ReadPassword(int(file.Fd()))
		_, _ = fmt.Fprintln(env.stderr)
	} else {
		line, err = bufio.NewReader(env.stdin).ReadBytes('\n')
	}
	secret := strings.TrimRight(string(line), "\r\n")
	if secret == "" && (err == nil || errors.Is(err, io.EOF)) {
		return "", fault.New(fault.Invalid, "No %s was given.", what).WithHint("Type it, or pass it on standard input.")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	return secret, nil
}

type userTokenCommand struct {
	site
	Email string `arg:"" help:"Email address of the user."`
	Name  string `help:"What the token is for." default:"command line"`
}

// Run creates the token.
func (c *userTokenCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	u, err := findUser(env, h, c.Email)
	if err != nil {
		return err
	}
	secret, _, err := h.app.CreateToken(env.ctx, actorOf(u), c.Name)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(env.stderr, "This token is shown once. Keep it like a password.")
	env.say("%s", secret)
	return nil
}

type userListCommand struct {
	site
	output
}

// Run lists the users.
func (c *userListCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	users, err := h.app.ListUsers(env.ctx, access.System())
	if err != nil {
		return err
	}
	if len(users) == 0 {
		_, _ = fmt.Fprintln(env.stderr, "There are no users yet. Make one with cadenza user create, or open the set-up link that cadenza serve prints.")
	}
	return c.show(env, shapes(users, api.User), func() {
		for _, u := range users {
			state := ""
			if !u.Active {
				state = "  (deactivated)"
			}
			env.say("%-30s %-24s %s%s", u.Email, u.Name, u.Role.Label(), state)
		}
	})
}

// findUser gives an active user by email address.
func findUser(env *environment, h *house, email string) (store.User, error) {
	users, err := h.app.ListUsers(env.ctx, access.System())
	if err != nil {
		return store.User{}, err
	}
	for _, u := range users {
		if strings.EqualFold(u.Email, email) && u.Active {
			return u, nil
		}
	}
	return store.User{}, fault.New(fault.NotFound, "There is no active user %s.", email).WithHint("See cadenza user list.")
}

// actorOf lets the command line act as a user.
func actorOf(u store.User) access.Actor {
	return access.Actor{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Zone: u.Zone, Teams: u.Teams}
}
