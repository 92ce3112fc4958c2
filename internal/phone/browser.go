package phone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"cadenza/internal/fault"
)

// maxOffer bounds what a browser may send to begin a call.
const maxOffer = 64 << 10

// browsers answers browsers by WebRTC: all calls share one UDP port.
type browsers struct {
	api  *webrtc.API
	conn net.PacketConn
}

// openBrowsers listens at a UDP port. lost is how long a browser may be silent before its call ends.
func openBrowsers(port int, address string, lost time.Duration) (*browsers, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{Port: port})
	if err != nil {
		return nil, fmt.Errorf("listen for the sound of browsers: %w", err)
	}
	media := &webrtc.MediaEngine{}
	for _, c := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}, PayloadType: pcmuType},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 8000, SDPFmtpLine: "0-16"}, PayloadType: eventType},
	} {
		if err := media.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, errors.Join(fmt.Errorf("register codec: %w", err), conn.Close())
		}
	}
	registry := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(registry); err != nil {
		return nil, errors.Join(fmt.Errorf("configure reports: %w", err), conn.Close())
	}
	settings := webrtc.SettingEngine{LoggerFactory: silent{}}
	settings.SetLite(true) // we are reachable; the browser does the looking
	settings.SetICEUDPMux(webrtc.NewICEUDPMux(nil, conn))
	settings.SetIncludeLoopbackCandidate(true) // the browser may be on this machine
	settings.SetICETimeouts(lost/2, lost/2, time.Second)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	if address != "" {
		rule := webrtc.ICEAddressRewriteRule{External: []string{address}, AsCandidateType: webrtc.ICECandidateTypeHost}
		if err := settings.SetICEAddressRewriteRules(rule); err != nil {
			return nil, errors.Join(fmt.Errorf("set the address of the telephone: %w", err), conn.Close())
		}
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	return &browsers{api: api, conn: conn}, nil
}

func (b *browsers) close() { _ = b.conn.Close() }

// silent keeps the library from writing to the terminal; what concerns a call is reported with it.
type silent struct{}

func (silent) NewLogger(string) logging.LeveledLogger {
	return logging.NewDefaultLeveledLoggerForScope("", logging.LogLevelDisabled, io.Discard)
}

// browser is the leg of a call in somebody's page.
type browser struct {
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	out   *stream
	// lost is closed when the page is gone.
	lost chan struct{}
	once sync.Once
	// take gets each packet of the microphone.
	take    func(*rtp.Packet)
	reading sync.WaitGroup
}

// answer takes the offer of a browser and gives what the browser must be told. The leg must be closed.
func (b *browsers) answer(ctx context.Context, offer string, take func(*rtp.Packet)) (*browser, string, error) {
	if len(offer) > maxOffer {
		return nil, "", fault.Field("offer", "too_long", "The offer of the browser is too long.")
	}
	pc, err := b.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", fmt.Errorf("open the browser's leg: %w", err)
	}
	leg := &browser{pc: pc, out: newStream(), lost: make(chan struct{}), take: take}
	answer, err := leg.negotiate(ctx, offer)
	if err != nil {
		leg.close()
		return nil, "", err
	}
	return leg, answer, nil
}

func (l *browser) negotiate(ctx context.Context, offer string) (answer string, err error) {
	l.track, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}, "call", "call")
	if err != nil {
		return "", fmt.Errorf("make the track: %w", err)
	}
	l.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			l.gone()
		}
	})
	l.pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { l.reading.Go(func() { l.read(t) }) })
	if err := l.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", fault.Field("offer", "invalid", "The offer of the browser cannot be read.")
	}
	sender, err := l.pc.AddTrack(l.track)
	if err != nil {
		return "", fault.Field("offer", "invalid", "The browser offers no sound.")
	}
	l.reading.Go(func() { // reports of the browser have to be read, or they pile up
		buffer := make([]byte, 1500)
		for {
			if _, _, err := sender.Read(buffer); err != nil {
				return
			}
		}
	})
	description, err := l.pc.CreateAnswer(nil)
	if err != nil {
		return "", fault.Field("offer", "invalid", "The browser offers no sound that we understand (PCMU).")
	}
	gathered := webrtc.GatheringCompletePromise(l.pc)
	if err := l.pc.SetLocalDescription(description); err != nil {
		return "", fmt.Errorf("answer the browser: %w", err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return l.pc.LocalDescription().SDP, nil
}

func (l *browser) read(t *webrtc.TrackRemote) {
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		if p.PayloadType == pcmuType && len(p.Payload) > 0 {
			l.take(p)
		}
	}
}

// play sends a payload to the browser's loudspeaker.
func (l *browser) play(source string, at uint32, payload []byte) {
	_ = l.track.WriteRTP(l.out.audio(source, at, payload)) // before the browser is connected nobody hears it
}

func (l *browser) gone() { l.once.Do(func() { close(l.lost) }) }

func (l *browser) close() {
	_ = l.pc.Close()
	l.gone()
	l.reading.Wait()
}
