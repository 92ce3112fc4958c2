package store

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

const userColumns = `id, name, email, role, zone, password_hash, active, session_series, created_at,
	coalesce((select string_agg(cast(m.team_id as text), ',') from team_members m where m.user_id = users.id), '')`

func scanUser(row oneRow) (u User, err error) {
	var created int64
	var teams string
	err = row.Scan(&u.ID, &u.Name, &u.Email, &u.Role, &u.Zone, &u.PasswordHash, &u.Active, &u.SessionSeries, &created, &teams)
	u.CreatedAt, u.Teams = time.UnixMicro(created).UTC(), teamsIn(teams)
	return u, err
}

// teamsIn reads the keys of teams that a query joined by commas.
func teamsIn(list string) (teams []ident.Team) {
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			teams = append(teams, ident.Team(n))
		}
	}
	return teams
}

// CountUsers gives how many users there are; the set-up asks.
func (tx *Tx) CountUsers() (int, error) {
	var n int
	if err := tx.row(`select count(*) from users`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// LockUsers keeps other transactions from changing users until this one ends, so that a rule about all of them (there
// is an active admin) holds. SQLite has one writer and needs nothing.
func (tx *Tx) LockUsers() error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.exec(`lock table users in share row exclusive mode`); err != nil {
		return fmt.Errorf("lock users: %w", err)
	}
	return nil
}

// CountAdmins gives how many active admins there are; a change of a user's role asks.
func (tx *Tx) CountAdmins() (int, error) {
	var n int
	if err := tx.row(`select count(*) from users where role = 'admin' and active`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count admins: %w", err)
	}
	return n, nil
}

// GetUser gives one user.
func (tx *Tx) GetUser(id ident.User) (User, error) {
	u, err := scanUser(tx.row(`select `+userColumns+` from users where id = $1`, int64(id)))
	if err != nil {
		return User{}, fmt.Errorf("get user: %w", missing(err, "user"))
	}
	return u, nil
}

// UserByEmail gives the user with this address, whatever its letters' case; sign-in asks.
func (tx *Tx) UserByEmail(email string) (User, error) {
	u, err := scanUser(tx.row(`select `+userColumns+` from users where lower(email) = lower($1)`, email))
	if err != nil {
		return User{}, fmt.Errorf("get user by email: %w", missing(err, "user"))
	}
	return u, nil
}

// ListUsers lists every user by name: there are hundreds at most (design, section 7).
func (tx *Tx) ListUsers() ([]User, error) {
	list, err := collect(tx, scanUser,
		`select `+userColumns+` from users order by lower(name), id`)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return list, nil
}

// InsertUser writes a new user and gives it with its key. An address that is taken is a Conflict fault.
func (tx *Tx) InsertUser(u User) (User, error) {
	u.CreatedAt = tx.Now
	id, err := tx.insert(`insert into users (name, email, role, zone, password_hash, active, created_at)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
		u.Name, u.Email, string(u.Role), u.Zone, u.PasswordHash, u.Active, micros(u.CreatedAt))
	if err == sql.ErrNoRows {
		return User{}, emailTaken()
	}
	if err != nil {
		return User{}, fmt.Errorf("insert user: %w", err)
	}
	u.ID = ident.User(id)
	return u, nil
}

// UpdateUser writes everything of a user but the password. Lists of records are sorted by their owner's name, so
// a new name is written there as well.
func (tx *Tx) UpdateUser(u User) error {
	var other int64
	err := tx.row(`select id from users where lower(email) = lower($1) and id <> $2`, u.Email, int64(u.ID)).Scan(&other)
	if err == nil {
		return emailTaken()
	}
	if err != sql.ErrNoRows {
		return fmt.Errorf("update user: %w", err)
	}
	n, err := tx.exec(`update users set name = $1, email = $2, role = $3, zone = $4, active = $5 where id = $6`,
		u.Name, u.Email, string(u.Role), u.Zone, u.Active, int64(u.ID))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "user")
	}
	if err != nil {
		return fmt.Errorf("update user: %w", err)
	}
	sortOwner := strings.ToLower(u.Name)
	if _, err := tx.exec(`update records set sort_owner = $1 where owner_id = $2 and sort_owner <> $1`, sortOwner, int64(u.ID)); err != nil {
		return fmt.Errorf("rename owner of records: %w", err)
	}
	return tx.lookAgain(`user_id = $2`, int64(u.ID)) // their zone counts where a record has none
}

// EndSessions ends every browser session of a user that was begun so far.
func (tx *Tx) EndSessions(id ident.User) error {
	if _, err := tx.exec(`update users set session_series = session_series + 1 where id = $1`, int64(id)); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// SetPasswordHash replaces a user's password.
func (tx *Tx) SetPasswordHash(id ident.User, hash string) error {
	n, err := tx.exec(`update users set password_hash = $1 where id = $2`, hash, int64(id))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "user")
	}
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

func emailTaken() error {
	f := fault.New(fault.Conflict, "A user with this email address exists already.").WithHint("Choose another address, or change that user.")
	f.Problems = []fault.Problem{{Field: "email", Code: "taken", Message: "A user with this email address exists already."}}
	return f
}
