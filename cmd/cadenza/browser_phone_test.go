//go:build browser

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"cadenza/internal/testphone"
)

// phoneWay is the sequence of the calls.
const phoneWay = "Calls first"

// TestBrowserPhone calls from the page over a real trunk, as sellers do. The microphone is a file that hums at 1000 Hz.
func TestBrowserPhone(t *testing.T) {
	t.Parallel()
	trunk := testphone.Start(t)
	chrome := startBrowser(t, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", hum(t)), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("allow-loopback-in-peer-connection", true))
	demo := startDemo(t)
	setTrunkUp(signedIn(t, chrome, demo, "Ada Lindgren"), trunk)
	mia := signedIn(t, chrome, demo, "Mia Torres")
	mia.makesSequence(phoneWay)
	mia.addsStep("Add a step…", "Phone call")
	mia.step("Phone call").fills("Name", "Ring up")
	mia.addsStep("Add a step after Ring up", "Task")
	mia.step("Task").fills("Name", "Book a visit")
	mia.clicks("link", "Activate")
	mia.in("dialog", "Activate version 1?").clicks("button", "Activate")
	mia.sees("Version 1 is active.")

	anna := signedIn(t, chrome, demo, "Anna Berg")
	paula := anna.createsLead("Paula", "Phone", "", "+49 30 123456")
	anna.connects(paula, "Paula Phone", phoneWay)
	callAndComplete(anna, trunk)
	leaveDuringCall(anna, paula)
	callInVain(anna)
	takeCall(anna, trunk)
	trunk.Stop()
	anna.open(paula)
	anna.dials("+49 30 123456")
	anna.dock().sees("The trunk cannot be reached")
}

// hum writes a second of 1000 Hz, which Chromium plays over and over.
func hum(t *testing.T) string {
	t.Helper()
	const rate = 48000
	var sound []byte
	for i := range rate {
		sample := testphone.Tone(1000, 0, 8000)[i/6]
		sound = binary.LittleEndian.AppendUint16(sound, uint16(sample))
	}
	head := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	binary.LittleEndian.PutUint32(head[4:], uint32(36+len(sound)))
	head = binary.LittleEndian.AppendUint32(head, rate)
	head = binary.LittleEndian.AppendUint32(head, 2*rate)
	head = append(head, 2, 0, 16, 0)
	head = binary.LittleEndian.AppendUint32(append(head, "data"...), uint32(len(sound)))
	file := filepath.Join(t.TempDir(), "hum.wav")
	if err := os.WriteFile(file, append(head, sound...), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// setTrunkUp enters the trunk, with a wrong password first.
func setTrunkUp(p *person, trunk *testphone.Trunk) {
	p.t.Helper()
	p.open("/settings")
	p.clicks("link", "Phone")
	p.has("heading", "Phone")
	p.chooses("Transport", "UDP, not encrypted")
	p.fills("Address", "127.0.0.1", "Port", strconv.Itoa(trunk.Port), "User", testphone.User, "Password", "wrong", "Our number", "+49 30 555000")
	p.clicks("checkbox", "Take incoming calls")
	p.clicks("button", "Save trunk")
	p.sees("Trunk saved.")
	p.clicks("button", "Test the connection")
	p.sees("The last test failed", "refuses our user name or password")
	p.fills("Password", testphone.Password)
	p.clicks("button", "Save trunk")
	p.sees("Trunk saved.")
	p.clicks("button", "Test the connection")
	p.sees("The trunk let us in")
}

// dock is the person looking only into the dock.
func (p *person) dock() *person { return p.in("region", "Telephone") }

// dials clicks a number of the record whose page is open.
func (p *person) dials(number string) {
	p.t.Helper()
	p.clicks("link", number)
	p.dock().sees(number)
}

// hears waits until the loudspeaker of the page plays a frequency.
func (p *person) hears(frequency int) {
	p.t.Helper()
	p.until(fmt.Sprintf("hear %d Hz", frequency), func() (bool, string) {
		loudest, err := js[float64](p, `(async () => {
		  const stream = document.querySelector("[data-dock-audio]").srcObject;
		  if (!stream) return 0;
		  const listener = window.listener ??= new AudioContext();
		  const ear = listener.createAnalyser();
		  ear.fftSize = 8192;
		  listener.createMediaStreamSource(stream).connect(ear);
		  await new Promise((done) => setTimeout(done, 400));
		  const power = new Float32Array(ear.frequencyBinCount);
		  ear.getFloatFrequencyData(power);
		  const top = power.indexOf(Math.max(...power));
		  return power[top] < -70 ? 0 : top * listener.sampleRate / ear.fftSize;
		})()`)
		if err != nil {
			return false, err.Error()
		}
		return loudest > float64(frequency)-15 && loudest < float64(frequency)+15, fmt.Sprintf("it is %.0f Hz", loudest)
	})
}

// isHeard waits until the telephone at the other end hears the hum of the microphone, or does not.
func (p *person) isHeard(trunk *testphone.Trunk, want bool) {
	p.t.Helper()
	from := len(trunk.Heard())
	p.until("be heard at the other end", func() (bool, string) {
		fresh := trunk.Heard()[from:]
		if len(fresh) < 12000 {
			return false, fmt.Sprintf("only %d samples have arrived", len(fresh))
		}
		loud := testphone.Loudness(fresh[len(fresh)-4000:], 1000)
		return want == (loud > 0.8), fmt.Sprintf("the hum is %.2f of it", loud)
	})
}

// callAndComplete calls from the work list, speaks, listens, presses a key, mutes, hangs up, and says how it went.
func callAndComplete(p *person, trunk *testphone.Trunk) {
	p.t.Helper()
	p.showsSoon("/work?q=Paula+Phone", "Ring up")
	p.clicks("link", "Call")
	dock := p.dock()
	dock.sees("connected")
	p.hears(440)
	p.isHeard(trunk, true)
	dock.clicks("button", "Keypad")
	dock.clicks("button", "5")
	trunk.AwaitSaid("received event: '5' (end=1)")
	dock.clicks("button", "Mute")
	p.isHeard(trunk, false)
	p.presses("Control+Shift+M")
	p.isHeard(trunk, true)
	dock.clicks("button", "Hold")
	dock.sees("on hold")
	dock.clicks("button", "Hold")
	dock.sees("connected")
	p.presses("Control+Shift+H")
	dock.sees("ended", "You hung up.")
	p.clicks("radio", "Connected")
	p.fills("Note", "Wants a visit")
	p.clicks("button", "Complete")
	p.sees("“Ring up” is completed.")
	p.showsSoon("/work?q=Paula+Phone", "Book a visit", "Call Ring up: connected (0:")
}

// leaveDuringCall loads the page anew in the middle of a call: it ends, and that is written down.
func leaveDuringCall(p *person, record string) {
	p.t.Helper()
	p.open(record)
	p.dials("+49 30 123456")
	p.dock().sees("connected")
	// What is written and booked while they speak does not end the call.
	p.fills("Add a note", "Likes the second offer")
	p.clicks("button", "Add note")
	p.sees("Likes the second offer")
	p.presses("Escape", "b")
	p.in("dialog", "Book a meeting").fills("Name", "Show the second offer")
	p.in("dialog", "Book a meeting").clicks("button", "Book meeting")
	p.sees("“Show the second offer” is booked")
	p.lacks("dialog", "Book a meeting")
	p.dock().sees("connected")
	p.seen.asked(true) // leave the page all the same
	p.do(chromedp.Reload())
	p.showsSoon(record, "The page of the call was closed or lost its connection.")
}

// callInVain calls who is busy, and who does not pick up.
func callInVain(p *person) {
	p.t.Helper()
	busy := p.createsLead("Berta", "Busy", "", testphone.Busy)
	p.dials("+49 30 000486")
	p.dock().sees("The line is busy.")
	p.dock().has("radio", "Busy")
	p.showsSoon(busy, "The line is busy.")
	p.createsLead("Rita", "Rings", "", testphone.Rings)
	p.dials("+49 30 000180")
	p.dock().sees("ringing")
	p.hears(425)
	p.dock().clicks("button", "Hang up")
	p.dock().sees("You hung up before anybody answered.")
}

// takeCall answers a call that comes in, and logs it.
func takeCall(p *person, trunk *testphone.Trunk) {
	p.t.Helper()
	lead := p.createsLead("Ingo", "Incoming", "", testphone.Caller)
	trunk.Dial()
	dock := p.dock()
	dock.sees("Ingo Incoming", "calls you")
	dock.clicks("button", "Answer")
	dock.sees("connected")
	p.hears(440)
	trunk.HangUp()
	dock.sees("The other side hung up.")
	dock.clicks("radio", "Connected")
	dock.clicks("button", "Log the call")
	p.sees("The call is logged.")
	p.showsSoon(lead, "Call from +49 30 901820: connected")
	trunk.Dial()
	p.dock().sees("Ingo Incoming", "calls you")
	p.dock().clicks("button", "Decline")
	p.showsSoon(lead, "Declined call from +49 30 901820")
}
