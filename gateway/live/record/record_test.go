package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nertc/gateway/live/flv"
	"nertc/gateway/live/record"
	"nertc/gateway/live/rtmptest"
)

func start(t *testing.T, o record.Options) (*record.Recorder, string) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "recordings")
	}
	r, err := record.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r, o.Dir
}

// feed sends faster than time goes, and waits for the recorder: the backlog holds three seconds of the stream, and the disk may be busy.
func feed(t *testing.T, r *record.Recorder, packets []flv.Packet) {
	t.Helper()
	for i, p := range packets {
		r.Send(p)
		if i%25 == 0 {
			caughtUp(r)
		}
	}
	caughtUp(r)
	if n := r.Dropped(); n > 0 {
		t.Fatalf("%d packets were dropped", n)
	}
}

// caughtUp waits until the recorder has come to what was sent.
func caughtUp(r *record.Recorder) {
	for r.Behind() {
		time.Sleep(time.Millisecond)
	}
}

func list(t *testing.T, dir string) []record.File {
	t.Helper()
	files, err := record.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

type probed struct {
	Format  struct{ Duration string }
	Streams []struct {
		CodecName    string `json:"codec_name"`
		Width        int
		Height       int
		AvgFrameRate string `json:"avg_frame_rate"`
		NBFrames     string `json:"nb_frames"`
		NBRead       string `json:"nb_read_frames"`
		StartTime    string `json:"start_time"`
		Duration     string
	}
}

// probe decodes the file and complains of anything that the decoder complains of.
func probe(t *testing.T, file string) probed {
	t.Helper()
	cmd := exec.Command("ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-show_format", "-of", "json", file)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	var p probed
	if err == nil {
		err = json.Unmarshal(out, &p)
	}
	if err != nil || said.Len() > 0 {
		t.Fatalf("ffprobe: %v\n%s", err, &said)
	}
	return p
}

func seconds(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%q is no time", s)
	}
	return v
}

func TestARecordingIsAnOrdinaryFile(t *testing.T) {
	packets := rtmptest.Programme(t, 320, 180, 25, 3)
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r, dir := start(t, record.Options{Channel: "../my room/é", Task: "task_1", Now: func() time.Time { return begun }})
	// It begins in the middle of a programme, with the key frame after 1 s.
	feed(t, r, packets[:2])
	feed(t, r, packets[len(packets)/4:])
	if files := list(t, dir); len(files) != 1 || files[0].Finished {
		t.Fatalf("while it is written: %+v", files)
	}
	r.Close()
	files := list(t, dir)
	if len(files) != 1 || !files[0].Finished || files[0].Channel != "---my-room--" || files[0].Task != "task_1" || !files[0].Begun.Equal(begun) || files[0].Size < 10_000 {
		t.Fatalf("finished: %+v", files)
	}
	p := probe(t, filepath.Join(dir, files[0].Name))
	if len(p.Streams) != 2 {
		t.Fatalf("streams %+v", p.Streams)
	}
	video, audio := p.Streams[0], p.Streams[1]
	if video.CodecName != "h264" || video.Width != 320 || video.Height != 180 || video.AvgFrameRate != "25/1" || video.NBFrames != "50" || video.NBRead != "50" {
		t.Errorf("picture %+v", video)
	}
	if audio.CodecName != "aac" || audio.NBFrames != audio.NBRead {
		t.Errorf("sound %+v", audio)
	}
	if d := seconds(t, p.Format.Duration); math.Abs(d-2) > 0.05 {
		t.Errorf("it lasts %v s", d)
	}
	// Sound and picture stay beside each other.
	if off := seconds(t, audio.StartTime) - seconds(t, video.StartTime); math.Abs(off) > 0.03 {
		t.Errorf("sound begins %v s after the picture", off)
	}

	f, err := record.Open(dir, files[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, _ := io.Copy(io.Discard, f); n != files[0].Size {
		t.Errorf("%d bytes of %d can be read", n, files[0].Size)
	}
	if err := record.Remove(dir, files[0].Name); err != nil || len(list(t, dir)) != 0 {
		t.Errorf("removed: %v, %+v", err, list(t, dir))
	}
}

// A gap in the times stays one, and sound whose times jitter by milliseconds does not crackle.
func TestTimesOfTheStreamAreKept(t *testing.T) {
	r, dir := start(t, record.Options{Channel: "a", Task: "b"})
	var later []flv.Packet
	for _, p := range rtmptest.Programme(t, 320, 180, 25, 3) {
		p.DTS += time.Hour
		p.PTS += time.Hour
		switch at := p.DTS - time.Hour; {
		case p.Config || at < time.Second:
		case at < 2*time.Second:
			continue // the network was too slow
		}
		later = append(later, p)
	}
	feed(t, r, later)
	r.Close()
	p := probe(t, filepath.Join(dir, list(t, dir)[0].Name))
	if d := seconds(t, p.Format.Duration); math.Abs(d-3) > 0.05 {
		t.Errorf("it lasts %v s, the stream 3", d)
	}
	for _, s := range p.Streams {
		if d := seconds(t, s.Duration); math.Abs(d-3) > 0.06 {
			t.Errorf("%s lasts %v s", s.CodecName, d)
		}
	}
}

func TestAnotherSizeBeginsAnotherFile(t *testing.T) {
	r, dir := start(t, record.Options{Channel: "a", Task: "b"})
	feed(t, r, rtmptest.Programme(t, 320, 180, 25, 1))
	var wider []flv.Packet
	for _, p := range rtmptest.Programme(t, 640, 360, 25, 1) {
		p.DTS += time.Second
		p.PTS += time.Second
		wider = append(wider, p)
	}
	feed(t, r, wider)
	r.Close()
	widths := map[int]bool{}
	for _, f := range list(t, dir) {
		p := probe(t, filepath.Join(dir, f.Name))
		widths[p.Streams[0].Width] = true
		if p.Streams[0].NBRead != "25" || !f.Finished {
			t.Errorf("%+v: %+v", f, p.Streams[0])
		}
	}
	if !widths[320] || !widths[640] || len(widths) != 2 {
		t.Errorf("widths %v", widths)
	}
}

// The gateway that writes here is killed: the test runs itself as that.
func TestWhatAKilledGatewayLeavesCanBePlayed(t *testing.T) {
	if dir := os.Getenv("RECORD_AND_BE_KILLED"); dir != "" {
		r, err := record.Start(record.Options{Dir: dir, Channel: "killed", Task: "b"})
		if err != nil {
			t.Fatal(err)
		}
		feed(t, r, rtmptest.Programme(t, 320, 180, 25, 3))
		fmt.Println("written")
		time.Sleep(time.Minute)
		return
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run", "^TestWhatAKilledGatewayLeavesCanBePlayed$")
	child.Env = append(os.Environ(), "RECORD_AND_BE_KILLED="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 7)
	if _, err := io.ReadFull(out, line); err != nil || string(line) != "written" {
		t.Fatalf("%q, %v", line, err)
	}
	// Held by who writes it.
	if names, err := record.Recover(dir); err != nil || len(names) != 0 {
		t.Errorf("recovered while it is written: %v, %v", names, err)
	}
	for size := int64(0); size < 60_000; {
		size = list(t, dir)[0].Size
		time.Sleep(10 * time.Millisecond)
	}
	child.Process.Kill()
	child.Wait()

	// Also cut in the middle of a fragment, as a crash of the machine does, and without any.
	part := filepath.Join(dir, list(t, dir)[0].Name+".part")
	whole, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	for i, content := range [][]byte{whole[:len(whole)-1000], whole[:500], nil} {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("cut.b.20260102T030405Z.0000000%d.mp4.part", i)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names, err := record.Recover(dir)
	if err != nil || len(names) != 2 {
		t.Fatalf("recovered %v, %v", names, err)
	}
	for _, f := range list(t, dir) {
		p := probe(t, filepath.Join(dir, f.Name))
		n, _ := strconv.Atoi(p.Streams[0].NBRead)
		want := 50 // two fragments are out before the third key frame
		if f.Channel == "cut" {
			want = 25
		}
		if !f.Finished || n < want || len(p.Streams) != 2 {
			t.Errorf("%s: %d pictures, want %d, %+v", f.Name, n, want, p.Streams)
		}
	}
}

func TestNamesCannotLeaveTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "recordings")
	if files := list(t, dir); len(files) != 0 {
		t.Errorf("without a directory: %v", files)
	}
	r, _ := start(t, record.Options{Dir: dir, Channel: strings.Repeat("../", 100), Task: ""})
	r.Close()
	if files := list(t, dir); len(files) != 0 {
		t.Errorf("a recording without a picture: %+v", files)
	}
	outside := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := "a.b.20260102T030405Z.00000000.mp4"
	if err := os.Symlink("../secret", filepath.Join(dir, link)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../secret", outside, link, "a.b.20260102T030405Z.00000000.mp4.part", "a/b.c.20260102T030405Z.00000000.mp4", "\x00"} {
		if f, err := record.Open(dir, name); err == nil {
			f.Close()
			t.Errorf("%q was opened", name)
		}
		if name != link {
			if err := record.Remove(dir, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q was removed: %v", name, err)
			}
		}
	}
	if files := list(t, dir); len(files) != 0 {
		t.Errorf("a link is listed: %+v", files)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error("what is outside is gone")
	}
}

func TestAnUnusableDirectoryIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := record.Start(record.Options{Dir: file, Channel: "a", Task: "b"}); err == nil || strings.Contains(err.Error(), file) {
		t.Errorf("started: %v", err)
	}
}

func TestAnEndBeforeItsTimeIsTold(t *testing.T) {
	failed := make(chan error, 1)
	r, dir := start(t, record.Options{Channel: "a", Task: "b", Failed: func(err error) { failed <- err }})
	feed(t, r, rtmptest.Programme(t, 320, 180, 25, 1))
	parts, _ := filepath.Glob(filepath.Join(dir, "*.part"))
	if len(parts) != 1 || os.Remove(parts[0]) != nil {
		t.Fatalf("parts %v", parts)
	}
	r.Close()
	select {
	case err := <-failed:
		if !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), dir) {
			t.Errorf("told %v", err)
		}
	default:
		t.Error("nothing was told")
	}
}

// What stays free on a disk is the operator's: no recording begins that would take it, and one under way is finished.
func TestTheDiskIsNotFilled(t *testing.T) {
	var left atomic.Uint64
	left.Store(1 << 30)
	failed := make(chan error, 1)
	o := record.Options{
		Channel: "a", Task: "b", LeastFree: 1 << 20, Free: func(string) (uint64, error) { return left.Load(), nil },
		Failed: func(err error) { failed <- err },
	}
	r, dir := start(t, o)
	feed(t, r, rtmptest.Programme(t, 320, 180, 25, 2))
	left.Store(1<<20 - 1)
	select {
	case err := <-failed:
		if !errors.Is(err, record.ErrFull) {
			t.Errorf("told %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was told")
	}
	r.Close()
	if !r.Ended() || len(failed) > 0 {
		t.Error("it goes on, or was told twice")
	}
	files := list(t, dir)
	if len(files) != 1 || !files[0].Finished {
		t.Fatalf("it leaves %+v", files)
	}
	if p := probe(t, filepath.Join(dir, files[0].Name)); len(p.Streams) != 2 || p.Streams[0].NBFrames != p.Streams[0].NBRead {
		t.Errorf("it leaves %+v", p)
	}
	o.Dir = dir
	if _, err := record.Start(o); !errors.Is(err, record.ErrFull) {
		t.Errorf("another begins: %v", err)
	}
	if len(list(t, dir)) != 1 {
		t.Error("one that was refused leaves a file")
	}
	// Really asked of the system.
	o.Free = nil
	if r, err := record.Start(o); err != nil {
		t.Errorf("with a megabyte free: %v", err)
	} else {
		r.Close()
	}
	o.LeastFree = math.MaxUint64
	if _, err := record.Start(o); !errors.Is(err, record.ErrFull) {
		t.Errorf("on the largest of disks: %v", err)
	}
}

// A task may live for weeks: its files end all the same, and nothing is missing between them.
func TestALongRecordingIsSeveralFiles(t *testing.T) {
	r, dir := start(t, record.Options{Channel: "a", Task: "b", Longest: 1500 * time.Millisecond})
	feed(t, r, rtmptest.Programme(t, 320, 180, 25, 5)) // with a key frame each second
	r.Close()
	files := list(t, dir)
	if len(files) != 3 {
		t.Fatalf("%d files", len(files))
	}
	pictures := 0
	for _, f := range files {
		p := probe(t, filepath.Join(dir, f.Name))
		if len(p.Streams) != 2 || p.Streams[0].NBFrames != p.Streams[0].NBRead {
			t.Fatalf("%+v", p)
		}
		n, _ := strconv.Atoi(p.Streams[0].NBFrames)
		pictures += n
	}
	if pictures != 125 {
		t.Errorf("%d of 125 pictures are there", pictures)
	}
}

func TestSoundAlone(t *testing.T) {
	r, dir := start(t, record.Options{Channel: "a", Task: "b", NoPicture: true})
	var later []flv.Packet
	for _, p := range rtmptest.Programme(t, 320, 180, 25, 2) {
		if p.Kind == flv.Audio && p.DTS < 2*time.Second {
			r.Send(p)
		}
		if !p.Config {
			p.DTS += 2 * time.Second
			p.PTS += 2 * time.Second
		}
		later = append(later, p)
	}
	// Then there are pictures too, which are another file.
	r.Describe(false)
	feed(t, r, later)
	r.Close()
	files := list(t, dir)
	if len(files) != 2 {
		t.Fatalf("files %+v", files)
	}
	streams := map[int]probed{}
	for _, f := range files {
		p := probe(t, filepath.Join(dir, f.Name))
		streams[len(p.Streams)] = p
	}
	alone, both := streams[1], streams[2]
	if len(alone.Streams) == 0 || len(both.Streams) == 0 || alone.Streams[0].CodecName != "aac" || both.Streams[0].NBRead != "50" {
		t.Fatalf("streams %+v", streams)
	}
	if d := seconds(t, alone.Format.Duration); math.Abs(d-2) > 0.1 {
		t.Errorf("the sound alone lasts %v s", d)
	}
}
