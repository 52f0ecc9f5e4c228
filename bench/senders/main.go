// Command senders is a number of people in a room who send a picture and a sound from files, for measurements of a page
// that receives them: what they cost is in this process and not in the browser.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/pion/webrtc/v4"
	pionmedia "github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"

	"nertc/internal/client"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	wire "nertc/internal/signal"
)

func main() {
	url := flag.String("url", "", "address of the gateway's WebSocket")
	app := flag.String("app", "bench", "app key")
	room := flag.String("room", "", "channel")
	count := flag.Int("count", 8, "how many people, whose uids are 101 and up")
	video := flag.String("video", "", "IVF file with VP8 that begins with a key frame; sent in a loop")
	audio := flag.String("audio", "", "Ogg file with Opus, a packet of 20 ms in each page; sent in a loop")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { // whoever has started this ends it by closing its input
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if err := run(ctx, *url, *app, *room, *count, *video, *audio); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url, app, room string, count int, video, audio string) error {
	pictures, width, height, err := readIVF(video)
	if err != nil {
		return fmt.Errorf("read %s: %w", video, err)
	}
	sounds, err := readOgg(audio)
	if err != nil {
		return fmt.Errorf("read %s: %w", audio, err)
	}
	for i := range count {
		uid := strconv.Itoa(101 + i)
		c := client.New(client.Options{
			AppKey: app, SDK: "bench", Dial: wire.Dial,
			NewPeer: nativemedia.Factory(nativemedia.Options{Loopback: true}),
			Handle:  func(client.Event) {}, Policy: wire.DefaultPolicy(),
		})
		defer func() { _ = c.Destroy(context.Background()) }()
		if err := c.Join(ctx, client.JoinOptions{Server: url, Channel: room, UID: uid}); err != nil {
			return fmt.Errorf("join as %s: %w", uid, err)
		}
		picture, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "cam-"+uid, uid)
		if err != nil {
			return err
		}
		sound, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic-"+uid, uid)
		if err != nil {
			return err
		}
		err = c.Publish(ctx, []client.LocalTrack{
			{MediaType: protocol.MediaAudio, Track: nativemedia.Track{Local: sound}},
			{MediaType: protocol.MediaVideo, Track: nativemedia.Track{Local: picture}, Width: width, Height: height},
		})
		if err != nil {
			return fmt.Errorf("publish as %s: %w", uid, err)
		}
		go loop(ctx, picture, pictures, i)
		go loop(ctx, sound, sounds, i)
	}
	fmt.Println("ready")
	<-ctx.Done()
	return nil
}

// loop sends samples at their pace, each person at a place of its own in the loop.
func loop(ctx context.Context, to *webrtc.TrackLocalStaticSample, samples []pionmedia.Sample, person int) {
	tick := time.NewTicker(samples[0].Duration)
	defer tick.Stop()
	for i := person * len(samples) / 16; ; i++ {
		select {
		case <-tick.C:
			_ = to.WriteSample(samples[i%len(samples)])
		case <-ctx.Done():
			return
		}
	}
}

func readIVF(path string) (samples []pionmedia.Sample, width, height int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, 0, err
	}
	defer func() { _ = f.Close() }()
	r, h, err := ivfreader.NewWith(f)
	if err != nil {
		return nil, 0, 0, err
	}
	period := time.Second * time.Duration(h.TimebaseNumerator) / time.Duration(h.TimebaseDenominator)
	for {
		frame, _, err := r.ParseNextFrame()
		if errors.Is(err, io.EOF) && len(samples) > 0 {
			return samples, int(h.Width), int(h.Height), nil
		}
		if err != nil {
			return nil, 0, 0, err
		}
		samples = append(samples, pionmedia.Sample{Data: frame, Duration: period})
	}
}

func readOgg(path string) (samples []pionmedia.Sample, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	r, _, err := oggreader.NewWith(f)
	if err != nil {
		return nil, err
	}
	for {
		packet, h, err := r.ParseNextPage()
		if errors.Is(err, io.EOF) && len(samples) > 0 {
			return samples, nil
		}
		if err != nil {
			return nil, err
		}
		if h.GranulePosition > 0 { // behind the tags
			samples = append(samples, pionmedia.Sample{Data: packet, Duration: 20 * time.Millisecond})
		}
	}
}
