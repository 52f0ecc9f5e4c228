package capture

// DeviceKind is the kind of a device, as browsers name it.
// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevicekind
type DeviceKind string

// The three kinds.
const (
	AudioInput  DeviceKind = "audioinput"
	AudioOutput DeviceKind = "audiooutput"
	VideoInput  DeviceKind = "videoinput"
)

// Device is an entry of the browser's list of devices.
type Device struct {
	Kind DeviceKind
	// ID is empty until the page was allowed to use a device of the kind, and so is Label.
	ID, Label string
	// Group is the same for devices that belong together, such as a headset's two.
	Group string
}

// DeviceState says what has become of a device, by its documented name.
type DeviceState string

// The three states.
const (
	DeviceActive   DeviceState = "ACTIVE"   // plugged in
	DeviceInactive DeviceState = "INACTIVE" // pulled out
	DeviceChanged  DeviceState = "CHANGED"  // the same entry stands for another device, as "default" does
)

// DeviceChange is one difference between two lists.
type DeviceChange struct {
	State  DeviceState
	Device Device
}

type deviceKey struct {
	kind DeviceKind
	id   string
}

// compare gives what has changed from one list of devices to the next: who went, then who
// came or changed, each in the order of its list. That a page was allowed to see more of the
// devices, or no longer is, is no change of theirs.
func compare(before, after []Device) []DeviceChange {
	was, is := byKey(before), byKey(after)
	var changes []DeviceChange
	for _, d := range before {
		if _, stays := is[key(d)]; !stays && sameSight(d.Kind, before, after) {
			changes = append(changes, DeviceChange{DeviceInactive, d})
		}
	}
	for _, d := range after {
		old, known := was[key(d)]
		switch {
		case !sameSight(d.Kind, before, after):
		case !known:
			changes = append(changes, DeviceChange{DeviceActive, d})
		case old.Label != "" && d.Label != "" && (old.Label != d.Label || old.Group != d.Group):
			changes = append(changes, DeviceChange{DeviceChanged, d})
		}
	}
	return changes
}

func key(d Device) deviceKey { return deviceKey{d.Kind, d.ID} }

func byKey(devices []Device) map[deviceKey]Device {
	m := make(map[deviceKey]Device, len(devices))
	for _, d := range devices {
		m[key(d)] = d
	}
	return m
}

// sameSight says whether two lists show as much of a kind: before a permission a browser gives
// one entry without an id for all devices of the kind.
func sameSight(kind DeviceKind, before, after []Device) bool {
	a, b := sightOf(kind, before), sightOf(kind, after)
	return a == b || a == none || b == none
}

type sight int

const (
	none sight = iota // there is no device of the kind
	blank
	named
)

func sightOf(kind DeviceKind, devices []Device) sight {
	for _, d := range devices {
		if d.Kind == kind && d.ID == "" {
			return blank
		}
		if d.Kind == kind {
			return named
		}
	}
	return none
}
