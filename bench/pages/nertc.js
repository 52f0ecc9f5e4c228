// Our SDK as a page would use it.
// When the core ran, in ms since the navigation began.
NERTC.ready.then(() => { window.coreRan = performance.now() })

window.driver = {
  ready: () => NERTC.ready,
  join: async ({ channelName, uid }) => {
    const client = NERTC.createClient({ appkey: 'bench' })
    window.client = client
    client.on('stream-added', ({ stream }) => client.subscribe(stream))
    client.on('stream-subscribed', ({ stream, mediaType }) => {
      const view = document.createElement('div')
      view.style.cssText = 'width: 320px; height: 240px'
      document.body.append(view)
      stream.play(view, { [mediaType]: true })
    })
    const start = clock.now()
    await client.join({ channelName, uid })
    return { start, connected: clock.now() }
  },
  prepare: async (track, sound) => {
    window.local = NERTC.createStream({ client, uid: client.getUid(), audio: Boolean(sound), video: true,
      audioSource: sound, videoSource: track })
    await window.local.init()
  },
  publish: async () => {
    const start = clock.now()
    await client.publish(window.local)
    return start
  },
  // One of nine in a grid: shows each picture in a box of one size, plays every sound, and sends one camera of 360p with a microphone.
  sit: async ({ channelName, uid }) => {
    const client = window.client = NERTC.createClient({ appkey: 'bench' })
    client.on('stream-added', ({ stream }) => client.subscribe(stream))
    client.on('stream-subscribed', ({ stream, mediaType }) => {
      const view = document.createElement('div')
      view.style.cssText = 'display: inline-block; width: 320px; height: 180px'
      if (mediaType === 'video') document.body.append(view)
      stream.play(mediaType === 'video' ? view : null, { [mediaType]: true })
    })
    await client.join({ channelName, uid })
    const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 15 }, audio: true })
    window.local = NERTC.createStream({ client, uid, audio: true, video: true, audioSource: camera.getAudioTracks()[0], videoSource: camera.getVideoTracks()[0] })
    await window.local.init()
    await client.publish(window.local)
  },
  leave: () => client.leave(),
}
