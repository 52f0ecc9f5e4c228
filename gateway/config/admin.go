package config

import (
	"fmt"
	"net"
	"strconv"

	"nertc/gateway/app"
)

// adminSecretMin is the size in bytes of the shortest secret of the operator's API. Who
// has it has every room, and it is asked for over the network as often as anybody likes.
const adminSecretMin = 16

// Admin configures the operator's API.
type Admin struct {
	// Secret is what the API's clients show. Empty: there is no API.
	Secret app.Secret
	// Listen is the address of its own, host:port; empty puts the API on that of the gateway.
	Listen string

	secretFile string
}

// adminSettings are the keys of the operator's API.
func adminSettings() []setting {
	one := func(path, flag, usage string, secret bool, set func(a *Admin, v string) error) setting {
		return setting{path: path, flag: flag, secret: secret, usage: usage, set: func(c *Config, v value) error {
			return set(&c.Admin, v.one())
		}}
	}
	return []setting{
		one("admin.secret", "admin-secret", "`secret` of the operator's API, 16 bytes or more; without one there is no API", true, func(a *Admin, v string) (err error) {
			a.Secret, err = checkAdminSecret(checkSecret(v))
			return err
		}),
		one("admin.secretFile", "admin-secret-file", "`file` with that secret", false, func(a *Admin, v string) (err error) {
			a.secretFile = v
			return notEmpty(v)
		}),
		one("admin.listen", "admin-listen", "`address` of its own for the operator's API, host:port; without one it is on that of the gateway", false, func(a *Admin, v string) error {
			a.Listen = v
			return checkListen(v)
		}),
	}
}

func checkAdminSecret(s app.Secret, err error) (app.Secret, error) {
	if err == nil && len(s) < adminSecretMin {
		err = fmt.Errorf("the operator's secret has at least %d bytes", adminSecretMin)
	}
	return s, err
}

// admin completes the operator's API once every source has been read.
func (l *loader) admin() {
	a := &l.config.Admin
	switch {
	case a.secretFile != "" && a.Secret != "":
		l.failKey("admin.secretFile", "cannot be used together with admin.secret")
	case a.secretFile != "":
		s, err := checkAdminSecret(ReadSecret(a.secretFile))
		if err != nil {
			l.failKey("admin.secretFile", "%w", err)
			return
		}
		a.Secret = s
	}
	if a.Listen == "" {
		if a.Secret != "" && !l.config.Loopback() && l.config.TLS == (TLS{}) {
			l.config.Warnings = append(l.config.Warnings, "admin.secret travels in clear text: "+
				"give the operator's API a loopback address with admin.listen, or use TLS, or a proxy with TLS")
		}
		return
	}
	if a.Secret == "" {
		if len(l.errs) == 0 { // otherwise it may be one that was refused
			l.failKey("admin.listen", "has no effect without admin.secret or admin.secretFile")
		}
		return
	}
	host, port, _ := net.SplitHostPort(a.Listen)
	_, main, _ := net.SplitHostPort(l.config.Listen)
	if n, _ := strconv.Atoi(port); n != 0 && port == main {
		l.failKey("admin.listen", "%s is the port of listen already; without admin.listen the operator's API is there", port)
	}
	if !loopbackHost(host) && l.config.TLS == (TLS{}) {
		l.config.Warnings = append(l.config.Warnings, "admin.secret travels in clear text: "+
			"let admin.listen be on loopback, or use TLS")
	}
}
