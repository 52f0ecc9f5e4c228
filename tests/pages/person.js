// Somebody in a call, written with the public API as a page would: a client, its log of events, its own
// stream, and the views in which it plays the others.
(() => {
  const people = {}
  window.people = people

  const EVENTS = ['connection-state-change', 'peer-online', 'peer-leave', 'stream-added', 'stream-removed',
    'stream-subscribed', 'mute-audio', 'unmute-audio', 'mute-video', 'unmute-video', 'mute-screen', 'unmute-screen',
    'mute-audio-slave', 'unmute-audio-slave', 'stopScreenSharing', 'stopScreenAudio', 'uid-duplicate', 'error',
    'client-banned', 'channel-closed', 'client-role-changed', 'audioVideoBanned',
    'custom-data', 'permkey-will-expire', 'permkey-timeout', 'crypt-error', 'warning']

  class Person {
    constructor(name, { auto = true, wish = { audio: true, video: true }, options = {}, proxy = false } = {}) {
      this.name = name
      this.auto = auto
      this.wish = wish // what is subscribed of somebody
      this.log = []
      this.streams = new Map() // uid of somebody else to the Stream
      this.views = new Map()
      this.failures = []
      const client = NERTC.createClient({ appkey: 'tests', ...options })
      // What a reactive framework does to an object that it is given.
      this.client = proxy ? new Proxy(client, {}) : client
      for (const event of EVENTS) this.client.on(event, (argument) => this.note(event, argument))
    }

    note(event, argument) {
      const entry = { event }
      if (argument?.stream) {
        entry.uid = argument.stream.getId()
        entry.mediaType = argument.mediaType
        const known = this.streams.get(entry.uid)
        if (known && known !== argument.stream) this.failures.push(`a second Stream for ${entry.uid}`)
        this.streams.set(entry.uid, argument.stream)
      }
      if (argument?.uid !== undefined) entry.uid = argument.uid
      if (argument?.curState) Object.assign(entry, { from: argument.prevState, to: argument.curState, reconnect: argument.reconnect })
      if (typeof argument === 'string') entry.text = argument
      if (event === 'custom-data') entry.text = argument.customData
      if (event === 'crypt-error') entry.text = argument.cryptType
      if (argument?.role) entry.text = argument.role
      if (event === 'audioVideoBanned') entry.banned = argument
      if (event === 'warning') entry.warning = argument
      // Whoever is told to go has gone already.
      if (['client-banned', 'channel-closed', 'permkey-timeout'].includes(event)) entry.text = this.client.getConnectionState()
      this.log.push(entry)
      if (event === 'stream-added' && this.auto) this.take(argument.stream)
      if (event === 'stream-subscribed') this.show(argument.stream, argument.mediaType)
      if (event === 'peer-leave') this.streams.delete(argument.uid)
      // Another stay has other Streams.
      if (argument?.curState === 'DISCONNECTED') this.streams.clear()
    }

    take(stream, config = this.wish) {
      stream.setSubscribeConfig(config)
      return this.client.subscribe(stream).catch((e) => this.failures.push(`subscribe: ${e}`))
    }

    show(stream, mediaType) {
      stream.play(this.view(stream.getId(), mediaType), { [mediaType]: true }).catch((e) => this.failures.push(`play: ${e}`))
    }

    // A screen has a view of its own.
    view(uid, mediaType) {
      const key = mediaType === 'screen' ? `${uid} screen` : uid
      if (!this.views.has(key)) {
        const view = document.createElement('div')
        view.className = 'view'
        view.dataset.of = key
        document.body.append(view)
        this.views.set(key, view)
      }
      return this.views.get(key)
    }

    video(uid, mediaType) { return this.views.get(mediaType === 'screen' ? `${uid} screen` : uid)?.children[0]?.children[0] ?? null }

    join(channelName, uid, more = {}) { return this.client.join({ channelName, uid, ...more }) }

    // Makes and publishes a stream of a coloured picture and a tone; `audio` or `video` may be false.
    async publish({ colour = 'red', hertz = 440, amplitude, audio = true, video = true, fps, scale, muted = [] } = {}) {
      this.picture = video ? media.picture(colour, { fps, scale }) : null
      this.tone = audio ? media.tone(hertz, amplitude) : null
      this.stream = NERTC.createStream({
        client: this.client,
        uid: this.client.getUid(),
        audio, video,
        audioSource: this.tone?.track,
        videoSource: this.picture?.track,
      })
      await this.stream.init()
      if (muted.includes('audio')) await this.stream.muteAudio()
      if (muted.includes('video')) await this.stream.muteVideo()
      await this.client.publish(this.stream)
    }

    events(name) { return this.log.filter((e) => !name || e.event === name) }

    // Which events came, as short lines: "stream-added 2 audio".
    story(...names) {
      return this.log.filter((e) => !names.length || names.includes(e.event)).map((e) =>
        [e.event, e.from && `${e.from}>${e.to}`, e.uid, e.mediaType, e.text].filter((v) => v != null && v !== '').join(' '))
    }

    // How many callbacks of the core are alive: the factory that docs/border.md describes, behind the shim's back.
    callbacks() { return this.client._core._factory.liveFuncs() }

    drop() {
      this.picture?.stop()
      this.tone?.stop()
    }
  }

  window.person = (name, settings) => (people[name] = new Person(name, settings))
  // An error as plain data, for the test to look at.
  window.refused = async (action) => {
    try {
      const result = await action()
      return { ok: true, result: typeof result === 'object' ? null : result }
    } catch (e) {
      return { ok: false, isError: e instanceof Error, name: e?.name, code: e?.code, extraCode: e?.extraCode,
        reason: e?.reason, message: e?.message, text: String(e), getCode: e?.getCode?.(), getMessage: e?.getMessage?.() }
    }
  }
})()
