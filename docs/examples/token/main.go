// Command token prints a token for a user of a room: APP_SECRET=… token APPKEY ROOM UID
package main

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"os"
	"time"
)

func makeToken(appKey, appSecret, channelName, uid string, now time.Time, ttl int) string {
	curTime := now.UnixMilli()
	signed := fmt.Sprintf("%s%s%d%d%s%s", appKey, uid, curTime, ttl, channelName, appSecret)
	signature := sha1.Sum([]byte(signed))
	text := fmt.Sprintf(`{"signature":"%x","curTime":%d,"ttl":%d}`, signature, curTime, ttl)
	return base64.StdEncoding.EncodeToString([]byte(text))
}

func main() {
	secret := os.Getenv("APP_SECRET")
	if len(os.Args) != 4 || secret == "" {
		fmt.Fprintln(os.Stderr, "usage: APP_SECRET=… token APPKEY ROOM UID")
		os.Exit(2)
	}
	fmt.Println(makeToken(os.Args[1], secret, os.Args[2], os.Args[3], time.Now(), 3600))
}
