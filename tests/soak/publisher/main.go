// Publishes access units as they are, in a format that the Python SDK cannot publish: H.265.
//
// The file of units is a loop: each one (Annex B) after its length in four bytes, big-endian.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

const frame = time.Second / 30
const packet = 20 * time.Millisecond

func main() {
	url := flag.String("url", "", "where the server is")
	token := flag.String("token", "", "what opens its room")
	mime := flag.String("mime", "video/H265", "the format of the units")
	file := flag.String("units", "", "the file of units")
	sound := flag.Bool("sound", false, "publish silence, too")
	flag.Parse()

	loop := read(*file)
	room := must(lksdk.ConnectToRoomWithToken(*url, *token, lksdk.NewRoomCallback(), lksdk.WithAutoSubscribe(false)))
	if *sound {
		go say(publish(room, "audio", webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}))
	}
	picture := publish(room, "video", webrtc.RTPCodecCapability{MimeType: *mime, ClockRate: 90000})
	fmt.Println("publishing")
	for n := 0; ; n++ {
		time.Sleep(frame)
		picture.WriteSample(media.Sample{Data: loop[n%len(loop)], Duration: frame}, nil)
	}
}

func publish(room *lksdk.Room, name string, format webrtc.RTPCodecCapability) *lksdk.LocalTrack {
	track := must(lksdk.NewLocalTrack(format))
	must(room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: name, VideoWidth: 640, VideoHeight: 360}))
	return track
}

func say(voice *lksdk.LocalTrack) {
	for {
		time.Sleep(packet)
		voice.WriteSample(media.Sample{Data: []byte{0xfc, 0xff, 0xfe}, Duration: packet}, nil)
	}
}

func read(file string) [][]byte {
	var units [][]byte
	for rest := must(os.ReadFile(file)); len(rest) > 4; {
		end := 4 + binary.BigEndian.Uint32(rest)
		units = append(units, rest[4:end])
		rest = rest[end:]
	}
	return units
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}
