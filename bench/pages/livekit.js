// livekit-client as its guide shows it, with its defaults. Only simulcast is off, as ours has one layer too.
window.driver = {
  ready: async () => {},
  join: async ({ url, token }) => {
    const room = new livekit.Room()
    window.room = room
    room.on('trackSubscribed', (track) => { if (track.kind === 'video') document.body.append(track.attach()) })
    const start = clock.now()
    await room.connect(url, token)
    return { start, connected: clock.now() }
  },
  prepare: async (track) => { window.local = track },
  publish: async () => {
    const start = clock.now()
    await room.localParticipant.publishTrack(window.local, { source: 'camera', simulcast: false })
    return start
  },
  leave: () => room.disconnect(),
}
