package protocol

import "nertc/internal/protocol/wire"

// What the messages say of live tasks: pushes of a room, composed to one programme, to an RTMP server.

// Task is one push. Names and numbers are those of the documented RTMPTask.
type Task struct {
	// ID is 1 to 64 characters of [A-Za-z0-9_], unique in the room.
	ID string `json:"taskId"`
	// StreamURL is where to push to, rtmp:// or rtmps://. Whoever has it can push there too: it is a secret.
	StreamURL string `json:"streamUrl"`
	// Record has the programme written into a file beside.
	Record bool `json:"record"`
	// HostUID is repeated in the states of the task, and has no other meaning.
	HostUID string     `json:"hostUid,omitempty"`
	Layout  Layout     `json:"layout"`
	Config  TaskConfig `json:"config"`
	// ExtraInfo is sent with the picture, as SEI of H.264.
	ExtraInfo string `json:"extraInfo,omitempty"`
}

// Fields names the members for package wire.
func (t *Task) Fields(f *wire.Fields) {
	f.String("taskId", &t.ID, wire.Always)
	f.String("streamUrl", &t.StreamURL, wire.Always)
	f.Bool("record", &t.Record, wire.Always)
	f.String("hostUid", &t.HostUID, wire.NotEmpty)
	f.Object("layout", &t.Layout)
	f.Object("config", &t.Config)
	f.String("extraInfo", &t.ExtraInfo, wire.NotEmpty)
}

// Layout is what the picture of a programme is made of, and of whom it has the sound.
type Layout struct {
	Canvas Canvas      `json:"canvas"`
	Users  []TaskUser  `json:"users"`
	Images []TaskImage `json:"images,omitempty"`
}

// Fields names the members for package wire.
func (l *Layout) Fields(f *wire.Fields) {
	f.Object("canvas", &l.Canvas)
	wire.List(f, "users", &l.Users, wire.Always)
	wire.List(f, "images", &l.Images, wire.NotEmpty)
}

// Canvas is the picture of a programme.
type Canvas struct {
	// Width and Height in pixels, even; 0 and 0 is sound alone.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Color is 65536·red + 256·green + blue, each 0 to 255.
	Color int `json:"color"`
}

// Fields names the members for package wire.
func (c *Canvas) Fields(f *wire.Fields) {
	f.Int("width", &c.Width, wire.Always)
	f.Int("height", &c.Height, wire.Always)
	f.Int("color", &c.Color, wire.Always)
}

// Adaption is how a picture is put into a region of another shape.
type Adaption = int

// The adaptions, as the documented API numbers them.
const (
	AdaptionFit  Adaption = 0 // all of it is shown, and the region keeps margins
	AdaptionFill Adaption = 1 // the region is full, and what of the picture does not fit is cut off
)

// TaskUser is a user's part in a programme.
type TaskUser struct {
	UID string `json:"uid"`
	// X, Y, Width and Height are the region in pixels, all even and within the canvas. Of no size: nothing is shown.
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
	// Adaption is one of the adaptions.
	Adaption  Adaption `json:"adaption"`
	PushAudio bool     `json:"pushAudio"`
	PushVideo bool     `json:"pushVideo"`
	// ZOrder is 0 to 100; of two regions the one with the higher number covers the other, and of equal ones the later.
	ZOrder int `json:"zOrder"`
	// MediaType is which picture of the user is shown: MediaVideo, MediaScreen, or empty for the
	// screen while there is one and the camera otherwise.
	MediaType MediaType `json:"mediaType,omitempty"`
}

// Fields names the members for package wire.
func (u *TaskUser) Fields(f *wire.Fields) {
	f.String("uid", &u.UID, wire.Always)
	f.Int("x", &u.X, wire.Always)
	f.Int("y", &u.Y, wire.Always)
	f.Int("width", &u.Width, wire.Always)
	f.Int("height", &u.Height, wire.Always)
	f.Int("adaption", &u.Adaption, wire.Always)
	f.Bool("pushAudio", &u.PushAudio, wire.Always)
	f.Bool("pushVideo", &u.PushVideo, wire.Always)
	f.Int("zOrder", &u.ZOrder, wire.Always)
	f.String("mediaType", (*string)(&u.MediaType), wire.NotEmpty)
}

// TaskImage is a picture under the users' regions: a user without video leaves the region to it.
type TaskImage struct {
	// URL is http:// or https://, of a PNG, JPEG or WebP.
	URL string `json:"url"`
	// X, Y, Width and Height are as in TaskUser.
	X        int      `json:"x"`
	Y        int      `json:"y"`
	Width    int      `json:"width"`
	Height   int      `json:"height"`
	Adaption Adaption `json:"adaption"`
}

// Fields names the members for package wire.
func (i *TaskImage) Fields(f *wire.Fields) {
	f.String("url", &i.URL, wire.Always)
	f.Int("x", &i.X, wire.Always)
	f.Int("y", &i.Y, wire.Always)
	f.Int("width", &i.Width, wire.Always)
	f.Int("height", &i.Height, wire.Always)
	f.Int("adaption", &i.Adaption, wire.Always)
}

// TaskConfig is how a programme is encoded.
type TaskConfig struct {
	// SingleVideoNoTrans passes the picture of a layout's only user on as it comes, if it is H.264.
	SingleVideoNoTrans bool       `json:"singleVideoNoTrans,omitempty"`
	AudioParam         AudioParam `json:"audioParam"`
}

// Fields names the members for package wire.
func (c *TaskConfig) Fields(f *wire.Fields) {
	f.Bool("singleVideoNoTrans", &c.SingleVideoNoTrans, wire.NotEmpty)
	f.Object("audioParam", &c.AudioParam)
}

// AudioParam is how the sound of a programme is encoded. 0 stands for what the gateway chooses.
type AudioParam struct {
	// BitRate in kbit/s, 10 to 192.
	BitRate int `json:"bitRate,omitempty"`
	// SampleRate in Hz, 32000, 44100 or 48000.
	SampleRate int `json:"sampleRate,omitempty"`
	// Channels is 1 or 2.
	Channels int `json:"channels,omitempty"`
	// CodecProfile is one of the codec profiles.
	CodecProfile CodecProfile `json:"codecProfile,omitempty"`
}

// Fields names the members for package wire.
func (a *AudioParam) Fields(f *wire.Fields) {
	f.Int("bitRate", &a.BitRate, wire.NotEmpty)
	f.Int("sampleRate", &a.SampleRate, wire.NotEmpty)
	f.Int("channels", &a.Channels, wire.NotEmpty)
	f.Int("codecProfile", &a.CodecProfile, wire.NotEmpty)
}

// CodecProfile is a profile of AAC.
type CodecProfile = int

// The codec profiles, as the documented API numbers them.
const (
	ProfileLCAAC CodecProfile = 0
	ProfileHEAAC CodecProfile = 1
)

// Tasks are added to a room, one at a time, or put in the place of those with their IDs.
type Tasks struct {
	Tasks []Task `json:"tasks"`
}

// Fields names the members for package wire.
func (t *Tasks) Fields(f *wire.Fields) { wire.List(f, "tasks", &t.Tasks, wire.Always) }

// TaskIDs are of tasks that are to end.
type TaskIDs struct {
	IDs []string `json:"taskIds"`
}

// Fields names the members for package wire.
func (t *TaskIDs) Fields(f *wire.Fields) { f.Strings("taskIds", &t.IDs, wire.Always) }

// The codes of a TaskState, as the documented API numbers them.
const (
	TaskPushing     = 505 // the server takes the stream
	TaskFailed      = 506 // it does not; another attempt follows
	TaskStopped     = 511 // the task is over
	TaskImageFailed = 512 // an image of the layout cannot be used

	// TaskRecordingFailed is a number of ours: nothing more is recorded, and the push goes on.
	TaskRecordingFailed = 513
)

// The Codes of an Error that refuses tasks; a page finds them in extraCode.
const (
	CodeTaskProfile   = 4037 // the client is not in a live room, or has joined with liveEnable false
	CodeTaskTaken     = 4038 // the room has a task of this ID
	CodeTaskUnknown   = 4039 // the room has none of this ID
	CodeTasksFull     = 4040 // the room has as many as it may have
	CodeTaskEncrypted = 4041 // the room is encrypted, so that the gateway can see nothing of it
	CodeTasksBusy     = 4042 // the gateway has as many, or as large ones, as it may have
	CodeTasksOff      = 4043 // the gateway has no live tasks, or not what it needs for them
	CodeTaskRefused   = 4044 // the task cannot be carried out: the reason says why
)

// TaskState tells the hosts of a room how a task is.
type TaskState struct {
	ID        string `json:"taskId"`
	StreamURL string `json:"streamUrl"`
	HostUID   string `json:"hostUid,omitempty"`
	// Code is one of the codes above.
	Code int `json:"code"`
	// Msg says more, in English.
	Msg string `json:"msg,omitempty"`
}

// Fields names the members for package wire.
func (s *TaskState) Fields(f *wire.Fields) {
	f.String("taskId", &s.ID, wire.Always)
	f.String("streamUrl", &s.StreamURL, wire.Always)
	f.String("hostUid", &s.HostUID, wire.NotEmpty)
	f.Int("code", &s.Code, wire.Always)
	f.String("msg", &s.Msg, wire.NotEmpty)
}

// TaskStates are all tasks of a room, for a host who has just come; a Code of 0 is one of which nothing
// has been told yet.
type TaskStates struct {
	Tasks []TaskState `json:"tasks"`
}

// Fields names the members for package wire.
func (s *TaskStates) Fields(f *wire.Fields) { wire.List(f, "tasks", &s.Tasks, wire.Always) }
