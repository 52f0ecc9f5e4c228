package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"nertc/gateway/app"
	"nertc/gateway/config"
	"nertc/gateway/token"
)

// maker is one of the two commands that make something to join with.
type maker struct {
	command string
	// variable of the environment, and secret of an app, that it signs with.
	variable string
	secret   func(app.App) app.Secret
	ttlUsage string
	ttlLimit int64
	// flags adds the command's own; the function makes the text.
	flags func(*flag.FlagSet) func(secret string, s token.Subject, ttl time.Duration) (string, error)
}

func tokenMaker() maker {
	return maker{
		command: "token", variable: config.AppSecretVariable,
		secret:   func(a app.App) app.Secret { return a.AppSecret },
		ttlUsage: "how many `seconds` it is good for joining with, at most 86400", ttlLimit: int64(token.MaxTTL / time.Second),
		flags: func(*flag.FlagSet) func(string, token.Subject, time.Duration) (string, error) {
			return func(secret string, s token.Subject, ttl time.Duration) (string, error) {
				return token.NewBasic(secret, s, time.Now(), ttl)
			}
		},
	}
}

func permkeyMaker() maker {
	return maker{
		command: "permkey", variable: config.PermSecretVariable,
		secret:   func(a app.App) app.Secret { return a.PermSecret },
		ttlUsage: "after how many `seconds` the user has to go", ttlLimit: math.MaxInt32,
		flags: func(fs *flag.FlagSet) func(string, token.Subject, time.Duration) (string, error) {
			names := fs.String("privileges", "all", "what the user may do: `names` with commas between, of\n"+token.Everything.String()+"; or all, or none")
			return func(secret string, s token.Subject, ttl time.Duration) (string, error) {
				p, err := token.ParsePrivilege(*names)
				if err != nil {
					return "", err
				}
				return token.NewPermkey(secret, s, p, time.Now(), ttl)
			}
		},
	}
}

// run makes one and prints it, and nothing else, on stdout.
func (m maker) run(args, environ []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("nertc-gateway "+m.command, flag.ContinueOnError)
	fs.SetOutput(stderr)
	var s token.Subject
	var secretFile, configFile string
	fs.StringVar(&s.AppKey, "app", "", "`appkey` of the app")
	fs.StringVar(&s.Channel, "channel", "", "`name` of the room")
	fs.StringVar(&s.UID, "uid", "", "`uid` of the user; without one it is for who joins without a uid")
	seconds := fs.Int64("ttl", 3600, m.ttlUsage)
	fs.StringVar(&secretFile, "secret-file", "", "`file` that has the secret")
	fs.StringVar(&configFile, "config", "", "the gateway's configuration `file`, which has the app and its secret;\nwithout either: the environment variable "+m.variable)
	build := m.flags(fs)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage // the flag package has said why
	}
	text, err := func() (string, error) {
		switch {
		case fs.NArg() > 0:
			return "", errors.New("takes flags only") // what is there may be a secret
		case s.AppKey == "" || s.Channel == "":
			return "", errors.New("needs --app and --channel")
		case *seconds < 1 || *seconds > m.ttlLimit:
			return "", fmt.Errorf("--ttl must be 1 to %d seconds", m.ttlLimit)
		}
		secret, err := m.find(s.AppKey, secretFile, configFile, environ)
		if err != nil {
			return "", err
		}
		return build(string(secret), s, time.Duration(*seconds)*time.Second)
	}()
	if err != nil {
		fmt.Fprintf(stderr, "nertc-gateway %s: %v\n", m.command, err)
		return exitUsage
	}
	if _, err := fmt.Fprintln(stdout, text); err != nil {
		fmt.Fprintf(stderr, "nertc-gateway %s: %v\n", m.command, err)
		return exitError
	}
	return exitOK
}

// find gives the secret. There is no flag for it: everybody on a machine can read the
// arguments of its programs.
func (m maker) find(appkey, secretFile, configFile string, environ []string) (app.Secret, error) {
	variable := func(name string) (value string) {
		for _, e := range environ {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				value = v
			}
		}
		return value
	}
	if configFile == "" && secretFile == "" && variable(m.variable) == "" {
		configFile = variable("NERTC_CONFIG")
	}
	switch {
	case secretFile != "" && configFile != "":
		return "", errors.New("takes --secret-file or --config, not both")
	case secretFile != "":
		s, err := config.ReadSecret(secretFile)
		if err != nil {
			return "", fmt.Errorf("%s: %w", secretFile, err)
		}
		return s, nil
	case configFile != "":
		return m.configured(appkey, configFile, environ)
	case variable(m.variable) != "":
		return app.Secret(variable(m.variable)), nil
	}
	return "", fmt.Errorf("needs a secret: give --secret-file, --config, or the environment variable %s", m.variable)
}

func (m maker) configured(appkey, file string, environ []string) (app.Secret, error) {
	c, err := config.LoadFile(file, environ)
	if err != nil {
		return "", fmt.Errorf("the configuration is wrong:\n%w", err)
	}
	i := slices.IndexFunc(c.Apps, func(a app.App) bool { return a.AppKey == appkey })
	if i < 0 {
		return "", fmt.Errorf("%s has no app with the appkey %q", file, appkey)
	}
	s := m.secret(c.Apps[i])
	if s == "" {
		return "", fmt.Errorf("the app %q has no secret for it in %s", appkey, file)
	}
	return s, nil
}
