package phone_test

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"cadenza/internal/phone"
	"cadenza/internal/testphone"
)

// page is a browser: its microphone plays a tone, and its loudspeaker keeps what it hears.
type page struct {
	t     *testing.T
	pc    *webrtc.PeerConnection
	mu    sync.Mutex
	heard []int16
	// spoken counts the samples that the microphone gave.
	spoken int
	done   chan struct{}
	talk   sync.WaitGroup
}

func openPage(t *testing.T, frequency float64) *page {
	t.Helper()
	engine := &webrtc.MediaEngine{}
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}
	if err := engine.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: capability, PayloadType: 0}, webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	p := &page{t: t, pc: pc, done: make(chan struct{})}
	t.Cleanup(p.close)
	track, err := webrtc.NewTrackLocalStaticSample(capability, "microphone", "page")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTrack(track); err != nil {
		t.Fatal(err)
	}
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.listen(remote) })
	p.talk.Go(func() { p.speak(track, frequency) })
	return p
}

func (p *page) listen(remote *webrtc.TrackRemote) {
	for {
		packet, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		p.mu.Lock()
		for _, b := range packet.Payload {
			p.heard = append(p.heard, phone.Decode(b))
		}
		p.mu.Unlock()
	}
}

func (p *page) speak(track *webrtc.TrackLocalStaticSample, frequency float64) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for at := 0; ; at += 160 {
		select {
		case <-p.done:
			return
		case <-ticker.C:
		}
		data := make([]byte, 160)
		for i, s := range testphone.Tone(frequency, at, 160) {
			data[i] = phone.Encode(s)
		}
		if err := track.WriteSample(media.Sample{Data: data, Duration: 20 * time.Millisecond}); err != nil {
			return
		}
		p.mu.Lock()
		p.spoken += 160
		p.mu.Unlock()
	}
}

// speaks waits until the microphone has given n more samples.
func (p *page) speaks(n int) {
	p.t.Helper()
	begin := -1
	until(p.t, "the microphone speaks", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if begin < 0 {
			begin = p.spoken
		}
		return p.spoken >= begin+n
	})
}

// offer gives what the page sends to begin a call.
func (p *page) offer() string {
	p.t.Helper()
	offer, err := p.pc.CreateOffer(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(offer); err != nil {
		p.t.Fatal(err)
	}
	<-gathered
	return p.pc.LocalDescription().SDP
}

func (p *page) accept(answer string) {
	p.t.Helper()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		p.t.Fatal(err)
	}
}

// forget throws away what was heard so far.
func (p *page) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = nil
}

// last gives the newest n samples that were heard; fewer when there are not so many.
func (p *page) last(n int) []int16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]int16(nil), p.heard[max(0, len(p.heard)-n):]...)
}

func (p *page) close() {
	select {
	case <-p.done:
		return
	default:
	}
	close(p.done)
	_ = p.pc.Close()
	p.talk.Wait()
}
