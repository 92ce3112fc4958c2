package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/phone"
	"cadenza/internal/store"
)

type trunkShape struct {
	Ready       bool       `json:"ready" doc:"Whether a trunk is set up."`
	Host        string     `json:"host,omitempty"`
	Port        int        `json:"port,omitempty" doc:"Absent for the usual one."`
	Transport   string     `json:"transport,omitempty"`
	Domain      string     `json:"domain,omitempty"`
	User        string     `json:"user,omitempty"`
	Login       string     `json:"login,omitempty"`
	HasPassword bool       `json:"has_password"`
	Number      string     `json:"number,omitempty"`
	Register    bool       `json:"register"`
	Numbers     []string   `json:"numbers"`
	CheckedAt   *time.Time `json:"checked_at,omitempty" doc:"When the trunk was tested last."`
	CheckError  string     `json:"check_error,omitempty" doc:"Why that failed; absent when it did not."`
	Note        string     `json:"note,omitempty" doc:"What the test could not try."`
	Rev         int64      `json:"rev"`
}

func trunkOf(t store.Trunk, err error) (trunkShape, error) {
	return trunkShape{
		Ready: t.Ready(), Host: t.Host, Port: t.Port, Transport: t.Transport, Domain: t.Domain, User: t.User, Login: t.Login,
		HasPassword: t.Secret != nil, Number: t.Number, Register: t.Register, Numbers: t.Order(), CheckedAt: moment(t.CheckedAt),
		CheckError: t.CheckError, Rev: t.Rev,
	}, err
}

type trunkInput struct {
	Host       string   `json:"host" doc:"Name or address of the trunk."`
	Port       int      `json:"port,omitempty" doc:"The usual one of the transport when it is left out: 5061 with tls, else 5060."`
	Transport  string   `json:"transport" enum:"tls,tcp,udp"`
	Domain     string   `json:"domain,omitempty" doc:"What stands behind the @ of addresses, when that is not the host."`
	User       string   `json:"user,omitempty"`
	Login      string   `json:"login,omitempty" doc:"The name to sign in with, when that is not the user."`
	Password   string   `json:"password,omitempty" doc:"The old one stays when it is left out; another host needs it again."`
	NoPassword bool     `json:"no_password,omitempty" doc:"Forget the password."`
	Number     string   `json:"number,omitempty" doc:"What called people see."`
	Register   bool     `json:"register,omitempty" doc:"Take incoming calls."`
	Numbers    []string `json:"numbers,omitempty" doc:"The fields of a record that are called, the preferred one first: phone, mobile, home_phone."`
	Rev        int64    `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

type recordCall struct {
	ID         string     `json:"id"`
	Record     string     `json:"record_id,omitempty"`
	User       *ref       `json:"user,omitempty" doc:"Who called or answered here."`
	Activity   string     `json:"activity_id,omitempty"`
	Incoming   bool       `json:"incoming"`
	Number     string     `json:"number"`
	StartedAt  time.Time  `json:"started_at"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
	Seconds    int        `json:"seconds" doc:"How long people spoke."`
	Ending     string     `json:"ending,omitempty" doc:"Why the call ended: hung_up, other_side_hung_up, cancelled, busy, no_answer, refused, unknown_number, wrong_password, trunk_down, trunk_trouble, no_audio, browser_lost, too_long, stopped, missed or declined."`
	Text       string     `json:"text,omitempty" doc:"The same as a sentence."`
}

func storedCallOf(c store.Call) recordCall {
	s := recordCall{
		ID: c.ID.String(), Record: c.Record.String(), User: refTo(c.User, c.UserName), Activity: c.Activity.String(), Incoming: c.Incoming, Number: c.Number, StartedAt: c.StartedAt,
		AnsweredAt: moment(c.AnsweredAt), EndedAt: moment(c.EndedAt), Seconds: c.Seconds(), Ending: c.End.Key(),
	}
	if c.End != store.CallUnderWay {
		s.Text = phone.Words(c.End, c.Detail)
	}
	return s
}

func (d *door) phone() {
	handle(d, get("/settings/phone", "get-trunk", "Get the trunk over which people call"), func(ctx context.Context, actor access.Actor, _ *none) (trunkShape, error) {
		return trunkOf(d.app.GetTrunk(ctx, actor))
	})
	handle(d, put("/settings/phone", "save-trunk", "Set up or change the trunk"), func(ctx context.Context, actor access.Actor, in *body[trunkInput]) (trunkShape, error) {
		b := in.Body
		return trunkOf(d.app.SaveTrunk(ctx, actor, action.TrunkInput{
			Host: b.Host, Port: b.Port, Transport: b.Transport, Domain: b.Domain, User: b.User, Login: b.Login, Password: b.Password,
			NoPassword: b.NoPassword, Number: b.Number, Register: b.Register, Numbers: b.Numbers, Rev: b.Rev,
		}))
	})
	handleSilent(d, remove("/settings/phone", "delete-trunk", "Take the trunk away with its password"), func(ctx context.Context, actor access.Actor, _ *none) error {
		return d.app.DeleteTrunk(ctx, actor)
	})
	handle(d, with(post("/settings/phone/test", "test-trunk", "Sign in to the trunk"), "That the trunk refuses is an answer too: see check_error."),
		func(ctx context.Context, actor access.Actor, _ *none) (trunkShape, error) {
			t, note, err := d.app.TestTrunk(ctx, actor)
			s, err := trunkOf(t, err)
			s.Note = note
			return s, err
		})
	handle(d, get("/records/{id}/calls", "list-calls", "List the newest calls of a record"), func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (page[recordCall], error) {
		calls, err := d.app.ListCalls(ctx, actor, in.ID.Key)
		return list(calls, storedCallOf), err
	})
}
