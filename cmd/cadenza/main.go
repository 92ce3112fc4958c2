// Command cadenza is the whole product in one binary: server, command line and demo.
//
// It is the only place that reads flags, the environment and files, and that builds the logger; it wires the packages
// below internal together. It must never hold a rule of the product: those stand in action and below.
//
// Start reading at run, then serve.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones, for machines without any

	"github.com/alecthomas/kong"

	"cadenza/internal/fault"
)

// The exit codes: scripts may rely on them.
const (
	exitOK      = 0
	exitFailed  = 1 // something went wrong, or the input has problems
	exitMisused = 2 // the command line is wrong
)

// ballast is memory that is taken and never touched, so that it costs nothing, but counts as in use for the collector, which runs when
// what is in use has doubled. Little is (some ten megabytes), so without it the collector would run at every moment of a busy server, for a
// tenth of all its work.
const ballast = 24 << 20

func main() {
	weight := make([]byte, ballast)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	runtime.KeepAlive(weight)
	os.Exit(code)
}

// environment is what a command may use of the outside.
type environment struct {
	ctx            context.Context
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	// lookUpTXT asks for the TXT records of a name; nil for the machine's own way.
	lookUpTXT func(ctx context.Context, name string) ([]string, error)
}

func (e *environment) say(format string, args ...any) {
	_, _ = fmt.Fprintf(e.stdout, format+"\n", args...)
}

// warn says what does not keep a command from its work, beside its answer.
func (e *environment) warn(list []fault.Problem) {
	for _, p := range list {
		_, _ = fmt.Fprintln(e.stderr, strings.TrimSpace("warning: "+p.Message+" "+p.Hint))
	}
}

// commands is the command line.
type commands struct {
	Config kong.ConfigFlag `help:"Read settings from this YAML file; flags and environment win." placeholder:"FILE" env:"CADENZA_CONFIG"`

	Demo     demoCommand        `cmd:"" help:"Try Cadenza: everything on this machine, with sample data and captured mail."`
	Serve    serveCommand       `cmd:"" help:"Run the server."`
	Migrate  migrateCommand     `cmd:"" help:"Bring the database to the newest schema."`
	Backup   backupCommand      `cmd:"" help:"Copy the database into a file, while the server runs."`
	Restore  restoreCommand     `cmd:"" help:"Put a backup back, so that nothing is sent twice."`
	Doctor   doctorCommand      `cmd:"" help:"Say what is in force and what is wrong."`
	User     userCommand        `cmd:"" help:"Create users and API tokens."`
	Mailbox  mailboxCommand     `cmd:"" help:"Make, change, test, pause and pace the mailboxes of users, and connect them with a provider."`
	Outbox   outboxCommand      `cmd:"" help:"Say what waits to be sent and why, settle what is in doubt, and move emails to another time or take them back."`
	Received receivedCommand    `cmd:"" help:"Show the replies, bounces and complaints that came in, and what came of them."`
	Domain   domainCommand      `cmd:"" help:"Check what the domains of mailboxes publish about their mail, and keep the keys that sign it."`
	Import   importCommand      `cmd:"" help:"Import records from a CSV file."`
	Sequence sequenceCommand    `cmd:"" help:"Validate, compare, apply and export sequences and templates as files."`
	Library  libraryCommand     `cmd:"" help:"Begin with a sequence that comes with Cadenza."`
	Team     teamCommand        `cmd:"" help:"Keep the teams that own sequences together."`
	Tag      tagCommand         `cmd:"" help:"Keep the tags of sequences."`
	Suppress suppressionCommand `cmd:"" name:"suppression" help:"Say whom nobody writes to."`
	OptOut   optOutCommand      `cmd:"" name:"optout" help:"Say how customers get out of emails, and in which words."`
	Sending  sendingCommand     `cmd:"" help:"Say when automated messages go, and how many emails a mailbox may send."`
	Hours    hoursCommand       `cmd:"" help:"Say and change when people work."`
	TimeOff  timeOffCommand     `cmd:"" name:"time-off" help:"Say who is away, and who stands in."`
	Holidays holidaysCommand    `cmd:"" help:"Say on which days nobody works."`
	Work     workCommand        `cmd:"" help:"Show what is to do, and say what counts."`
	Batch    batchCommand       `cmd:"" help:"Do one thing with many activities, and take that back."`
	Activity activityCommand    `cmd:"" help:"Add, change, delete and bring back what a user does by hand."`
	Record   recordCommand      `cmd:"" help:"List records with what is to do for them next."`
	Note     noteCommand        `cmd:"" help:"Read and write the notes of a record."`
	Timeline timelineCommand    `cmd:"" help:"Tell the story of a record, newest first."`
	Follow   followCommand      `cmd:"" help:"Have a user follow a record."`
	Draft    draftCommand       `cmd:"" help:"Show and discard the emails that users have begun."`
	Meeting  meetingCommand     `cmd:"" help:"Book meetings with customers, and say how they went."`
	Planned  plannedCommand     `cmd:"" help:"List what is planned for a user: activities, what happens by itself, working hours."`
	Explain  explainCommand     `cmd:"" help:"Say why a record stands where it stands on its sequences, what comes next and when, and what holds it."`
	Outcomes outcomesCommand    `cmd:"" name:"outcomes" help:"Say how calls and meetings can end, and how they end by themselves."`
	History  historyCommand     `cmd:"" help:"Say for how long the history of enrollments is kept after they end."`
	Notify   notifyCommand      `cmd:"" name:"notifications" help:"Say what users are told of, and what they want to be told of."`
	Feed     feedCommand        `cmd:"" name:"calendar-feed" help:"Make and revoke the addresses for calendar programs."`
	Simulate simulateCommand    `cmd:"" help:"Play a sequence against records with assumed rates: what each day would bring."`
	Bench    benchCommand       `cmd:"" help:"Measure this machine: advances and mails per second, beside a raw reference."`
	Version  versionCommand     `cmd:"" help:"Print the version."`

	Phone        phoneCommand        `cmd:"" help:"Set up the trunk over which sellers call."`
	MailProvider mailProviderCommand `cmd:"" help:"Set up the organisation's clients at Google and Microsoft, so that mailboxes need no password."`

	BenchSink benchSinkCommand `cmd:"" hidden:"" help:"The mail server of bench."`
}

// exit is how kong's own exits (help) leave run.
type exit int

// run carries out one command line and gives the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exit)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	env := &environment{ctx: ctx, getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	parser, err := newParser(env)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "cadenza:", err)
		return exitFailed
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help": // what people type first: cadenza help, cadenza help serve
		args = append(args[1:len(args):len(args)], "--help")
	}
	command, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "cadenza: %v\nRun \"%s --help\" to see what it takes.\n", err, misused(err))
		return exitMisused
	}
	return report(stderr, command.Run(env))
}

// newParser reads command lines. It ends by the panic of an exit where it has answered by itself, as for help.
func newParser(env *environment) (*kong.Kong, error) {
	return kong.New(&commands{}, kong.Name("cadenza"), kong.Description("Sales engagement server: sequences, work list, mail."),
		kong.UsageOnError(), kong.Writers(env.stdout, env.stderr), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.Bind(env), kong.Configuration(yamlConfig(env.getenv)), kong.Resolvers(environmentOf(env.getenv)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
}

// misused gives the command that was used wrongly, as far as it was understood: "cadenza sequence apply".
func misused(err error) string {
	name := "cadenza"
	var wrong *kong.ParseError
	if !errors.As(err, &wrong) {
		return name
	}
	for _, p := range wrong.Context.Path {
		if p.Command != nil {
			name += " " + p.Command.Name
		}
	}
	return name
}

// report prints what went wrong, with what to do about it.
func report(stderr io.Writer, err error) int {
	var (
		f    *fault.Error
		code codeError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errReported):
		return exitFailed
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &f):
		_, _ = fmt.Fprintln(stderr, "cadenza:", f.Error())
		if cause := f.Unwrap(); cause != nil {
			_, _ = fmt.Fprintln(stderr, "  cause:", cause)
		}
	default:
		_, _ = fmt.Fprintln(stderr, "cadenza:", err)
	}
	return exitFailed
}

// codeError ends a command that has already printed what is wrong, with an exit code of its own.
type codeError int

// Error gives the code.
func (c codeError) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// errReported ends a command that has already printed what is wrong.
var errReported = errors.New("reported")
