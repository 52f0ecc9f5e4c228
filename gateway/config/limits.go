package config

import (
	"fmt"
	"strconv"

	"nertc/gateway/limit"
	"nertc/internal/protocol"
)

const (
	// mostOfAnything is far beyond what one gateway carries, and safe to count with.
	mostOfAnything = 1_000_000
	// leastSize in bytes still has room for the offer of a page that publishes and receives.
	leastSize = 32 << 10
	// leastQueue holds what a join alone may have the gateway say at once.
	leastQueue = 16
)

// limitSettings are the keys of what addresses, apps, rooms and connections may ask for.
func limitSettings() []setting {
	whole := func(path, flag, usage string, least, most int, at func(*limit.Values) *int) setting {
		return setting{path: path, flag: flag, kind: number, usage: usage, set: func(c *Config, v value) error {
			n, err := strconv.Atoi(v.one())
			if err != nil || n < least || n > most {
				return fmt.Errorf("%q is not a whole number from %d to %d", v.one(), least, most)
			}
			*at(&c.Limits) = n
			return nil
		}}
	}
	return []setting{
		whole("limits.connections", "limit-connections", "`number` of connections that one address may have at once; 0 is no limit", 0, mostOfAnything, func(v *limit.Values) *int { return &v.Connections }),
		whole("limits.connectionRate", "limit-connection-rate", "`number` of connections that one address may open a second; 0 is no limit", 0, mostOfAnything, func(v *limit.Values) *int { return &v.ConnectionRate }),
		whole("limits.connectionBurst", "limit-connection-burst", "`number` of connections that one address may open before that rate holds", 1, mostOfAnything, func(v *limit.Values) *int { return &v.ConnectionBurst }),
		whole("limits.joinRate", "limit-join-rate", "`number` of joins a second of one app; 0 is no limit", 0, mostOfAnything, func(v *limit.Values) *int { return &v.JoinRate }),
		whole("limits.joinBurst", "limit-join-burst", "`number` of joins of one app before that rate holds", 1, mostOfAnything, func(v *limit.Values) *int { return &v.JoinBurst }),
		whole("limits.members", "limit-members", "`number` of members of one room; 0 is no limit", 0, mostOfAnything, func(v *limit.Values) *int { return &v.Members }),
		whole("limits.rooms", "limit-rooms", "`number` of rooms of one app at once; 0 is no limit", 0, mostOfAnything, func(v *limit.Values) *int { return &v.Rooms }),
		whole("limits.messageRate", "limit-message-rate", "`number` of messages a second from one connection", 1, mostOfAnything, func(v *limit.Values) *int { return &v.MessageRate }),
		whole("limits.messageBurst", "limit-message-burst", "`number` of messages from one connection before that rate holds", 1, mostOfAnything, func(v *limit.Values) *int { return &v.MessageBurst }),
		whole("limits.messageSize", "limit-message-size", "size of the largest message, in `bytes`", leastSize, protocol.ReadLimit, func(v *limit.Values) *int { return &v.MessageSize }),
		whole("limits.queue", "limit-queue", "`number` of messages that wait for a client that reads slowly", leastQueue, mostOfAnything, func(v *limit.Values) *int { return &v.Queue }),
		{path: "trustedProxies", flag: "trusted-proxy", kind: list, usage: "`network` (10.0.0.0/8 or an address) of proxies whose X-Forwarded-For counts; repeat for several", set: setProxies},
	}
}

func setProxies(c *Config, v value) error {
	proxies := make(limit.Proxies, 0, len(v))
	for _, t := range v {
		p, err := limit.ParseProxy(t)
		if err != nil {
			return fmt.Errorf("%q is neither a network, 10.0.0.0/8, nor an IP address", t)
		}
		proxies = append(proxies, p)
	}
	c.TrustedProxies = proxies
	return nil
}
