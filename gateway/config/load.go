package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"nertc/gateway/limit"
)

// Error is one thing wrong with the configuration.
type Error struct {
	// Place is where it stands: file:line, an environment variable or a flag.
	Place string
	// Key is the key as in the file; empty where the whole file is meant.
	Key string
	Err error
}

func (e *Error) Error() string {
	parts := make([]string, 0, 3)
	for _, p := range []string{e.Place, e.Key} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(append(parts, e.Err.Error()), ": ")
}

func (e *Error) Unwrap() error { return e.Err }

// Flags collects what the command line gives, for Load.
type Flags struct {
	file  string
	given []givenFlag
}

type givenFlag struct{ path, text string }

// Register adds a flag for each key, and --config for the file, to a flag set.
// Values are checked by Load, so that all errors are reported together.
func Register(fs *flag.FlagSet) *Flags {
	f := &Flags{}
	fs.StringVar(&f.file, "config", "", "YAML `file` (environment: NERTC_CONFIG); without one: debug mode on loopback")
	for _, s := range settings() {
		take := func(v string) error {
			f.given = append(f.given, givenFlag{s.path, v})
			return nil
		}
		if s.kind == boolean {
			fs.BoolFunc(s.flag, s.usage, take)
		} else {
			fs.Func(s.flag, s.usage, take)
		}
	}
	return f
}

// LoadFile is Load without flags but for the file's name.
func LoadFile(name string, environ []string) (*Config, error) {
	return Load(&Flags{file: name}, environ)
}

// Load reads the file that the flags or NERTC_CONFIG name, puts the environment (in
// the form of os.Environ) over it and the flags over both, and checks the whole. The
// error joins an *Error for each thing wrong; its text never holds a secret.
func Load(f *Flags, environ []string) (*Config, error) {
	l := newLoader(environ)
	name := f.file
	if name == "" {
		name = l.env["NERTC_CONFIG"]
	}
	if name != "" {
		if data, err := readFile(name); err != nil {
			l.fail(name, "", err)
		} else {
			l.file(name, data)
		}
	}
	l.environment()
	l.flags(f.given)
	l.check()
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	return l.config, nil
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	// One byte over the limit, so that file sees that there is too much.
	data, err := io.ReadAll(io.LimitReader(f, fileLimit+1))
	return data, bare(err)
}

// bare takes the path out of a file error, where it is named already.
func bare(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return fmt.Errorf("cannot %s it: %w", pe.Op, pe.Err)
	}
	return err
}

// loader gathers a Config from its sources, and every error on the way.
type loader struct {
	settings []setting
	config   *Config
	env      map[string]string
	from     map[string]string   // key to the place that set it last
	listed   map[string]*fileApp // the apps of the file
	named    map[string]bool     // environment variables that the file names
	errs     []error
}

func newLoader(environ []string) *loader {
	l := &loader{
		settings: settings(),
		config: &Config{
			Listen:   DefaultListen,
			Engine:   Engine{LogLevel: "warn"},
			LogLevel: "info", LogFormat: LogText,
			Limits: limit.Default(),
			TURN:   TURN{UDP: true, FirstPort: 30000, LastPort: 40000},
			Logs:   defaultLogs(),
			Live:   defaultLive(),
		},
		env: map[string]string{}, from: map[string]string{}, listed: map[string]*fileApp{}, named: map[string]bool{},
	}
	for _, e := range environ {
		if k, v, ok := strings.Cut(e, "="); ok {
			l.env[k] = v
		}
	}
	return l
}

func (l *loader) fail(place, key string, err error) {
	l.errs = append(l.errs, &Error{Place: place, Key: key, Err: err})
}

// failKey reports an error of a key at the place that set it.
func (l *loader) failKey(key, format string, args ...any) {
	l.fail(l.from[key], key, fmt.Errorf(format, args...))
}

func (l *loader) apply(s *setting, place string, v value) {
	if err := s.set(l.config, v); err != nil {
		l.fail(place, s.path, err)
		return
	}
	l.from[s.path] = place
}

func (l *loader) environment() {
	known := map[string]bool{"NERTC_CONFIG": true, AppSecretVariable: true, PermSecretVariable: true}
	for i := range l.settings {
		s := &l.settings[i]
		known[s.env()] = true
		v := l.env[s.env()]
		if v == "" { // an empty variable is as good as none: compose files make them
			continue
		}
		given := value{v}
		if s.kind == list {
			if given = commas(v); len(given) == 0 {
				continue // commas between nothing: no apps at all would be debug mode
			}
		}
		l.apply(s, s.env(), given)
	}
	for name := range l.env {
		if strings.HasPrefix(name, "NERTC_") && !known[name] && !l.named[name] {
			l.config.Warnings = append(l.config.Warnings, name+" is set but is no setting of the gateway")
		}
	}
	slices.Sort(l.config.Warnings)
}

func commas(v string) value {
	var out value
	for t := range strings.SplitSeq(v, ",") {
		if t = strings.TrimSpace(t); t != "" {
			out = append(out, t)
		}
	}
	return out
}

func (l *loader) flags(given []givenFlag) {
	for i := range l.settings {
		s := &l.settings[i]
		var v value
		for _, g := range given {
			switch {
			case g.path != s.path:
			case s.kind == list:
				v = append(v, g.text)
			default:
				v = value{g.text} // the last one counts
			}
		}
		if v != nil {
			l.apply(s, "--"+s.flag, v)
		}
	}
}

// check looks at what only the whole shows.
func (l *loader) check() {
	c := l.config
	l.both("tls.cert", c.TLS.Cert, "tls.key", c.TLS.Key)
	if c.TLS.SelfSigned && c.TLS.Cert != "" {
		l.failKey("tls.selfSigned", "cannot be used together with tls.cert")
	}
	l.both("engine.key", c.Engine.Key, "engine.secret", c.Engine.Secret)
	x := c.Engine.External
	l.both("engine.external.url", x.URL, "engine.external.key", x.Key)
	l.both("engine.external.key", x.Key, "engine.external.secret", x.Secret)
	l.ports()
	l.apps()
	l.admin()
	l.turn()
	l.logs()
	// Without errors elsewhere only: a mistyped app would look like no app at all.
	if len(l.errs) == 0 && c.Debug() && !c.Loopback() && !c.DebugOpen {
		l.failKey("listen", "%s can be reached by others, but no app is configured, so anybody could join with any appkey: "+
			"configure apps (or --app KEY), listen on %s, or permit it with --debug-open", c.Listen, DefaultListen)
	}
	if c.DebugOpen && !c.Debug() {
		c.Warnings = append(c.Warnings, "debugOpen has no effect: apps are configured")
	}
}

// both wants two keys together or not at all.
func (l *loader) both(a, av, b, bv string) {
	switch {
	case av != "" && bv == "":
		l.failKey(a, "is given without %s", b)
	case av == "" && bv != "":
		l.failKey(b, "is given without %s", a)
	}
}

// ports refuses one TCP port for two listeners.
func (l *loader) ports() {
	e := l.config.Engine
	if e.External.URL != "" {
		return
	}
	_, p, _ := net.SplitHostPort(l.config.Listen)
	listen, _ := strconv.Atoi(p)
	switch {
	case e.Port != 0 && e.Port == e.TCPPort:
		l.failKey("engine.tcpPort", "%d is engine.port already", e.TCPPort)
	case e.Port != 0 && e.Port == listen:
		l.failKey("engine.port", "%d is the port of listen already", e.Port)
	case e.TCPPort != 0 && e.TCPPort == listen:
		l.failKey("engine.tcpPort", "%d is the port of listen already", e.TCPPort)
	}
}
