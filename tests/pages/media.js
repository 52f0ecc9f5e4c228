// Pictures and tones of a known content, and the measuring of what arrived of them.
(() => {
  const media = {}
  window.media = media

  const COLOURS = { red: [220, 30, 30], green: [30, 190, 30], blue: [40, 40, 230], yellow: [225, 215, 20] }
  const WIDTH = 320
  const HEIGHT = 240
  const CELLS = 8 // one for each bit of the frame's number
  const cell = (i) => ({ x: 80 + (i % 4) * 60, y: Math.floor(i / 4) * 120, w: 60, h: 120 })

  // A moving picture: a colour on the left that says whose it is, and the number of the frame in
  // eight black and white fields that survive a coarse encoder.
  media.picture = (colour, { fps = 15, scale = 1 } = {}) => {
    const canvas = document.createElement('canvas')
    canvas.width = WIDTH * scale
    canvas.height = HEIGHT * scale
    const paint = canvas.getContext('2d')
    paint.scale(scale, scale)
    let number = 0
    const draw = () => {
      number = (number + 1) % 256
      paint.fillStyle = `rgb(${COLOURS[colour].join(',')})`
      paint.fillRect(0, 0, 80, HEIGHT)
      for (let i = 0; i < CELLS; i++) {
        const { x, y, w, h } = cell(i)
        paint.fillStyle = number & (1 << i) ? '#fff' : '#000'
        paint.fillRect(x, y, w, h)
      }
    }
    draw()
    const timer = setInterval(draw, 1000 / fps)
    const track = canvas.captureStream(fps).getVideoTracks()[0]
    return { track, stop: () => { clearInterval(timer); track.stop() } }
  }

  // A moving picture: a mosaic of which each frame changes some fields at random. `fields` is how many: with
  // a few an encoder keeps up easily, with a dozen it needs every bit that it may have.
  media.noise = (width, height, fps = 15) => {
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    const paint = canvas.getContext('2d')
    const side = Math.round(width / 40)
    const picture = { fields: 4 }
    const draw = () => {
      for (let i = 0; i < picture.fields; i++) {
        paint.fillStyle = `hsl(${Math.random() * 360} 80% ${Math.random() * 100}%)`
        paint.fillRect(Math.floor(Math.random() * 40) * side, Math.floor((Math.random() * height) / side) * side, side, side)
      }
    }
    draw()
    const timer = setInterval(draw, 1000 / fps)
    const track = canvas.captureStream(fps).getVideoTracks()[0]
    return Object.assign(picture, { track, stop: () => { clearInterval(timer); track.stop() } })
  }

  // One AudioContext for the page: Chromium allows few of them.
  let shared
  const audio = () => {
    shared ??= new AudioContext()
    if (shared.state === 'suspended') shared.resume()
    return shared
  }

  media.tone = (hertz, amplitude = 0.5) => {
    const context = audio()
    const oscillator = new OscillatorNode(context, { frequency: hertz })
    const gain = new GainNode(context, { gain: amplitude })
    const out = context.createMediaStreamDestination()
    oscillator.connect(gain).connect(out)
    oscillator.start()
    const track = out.stream.getAudioTracks()[0]
    return { track, stop: () => { oscillator.stop(); track.stop() } }
  }

  const reader = document.createElement('canvas')
  reader.width = WIDTH
  reader.height = HEIGHT
  const read = reader.getContext('2d', { willReadFrequently: true })

  const mean = (x, y, w, h) => {
    const { data } = read.getImageData(x, y, w, h)
    const sum = [0, 0, 0]
    for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += data[i + c]
    return sum.map((s) => s / (data.length / 4))
  }

  // What one decoded frame of a <video> shows: the nearest colour and the number.
  media.readFrame = (video) => {
    read.drawImage(video, 0, 0, WIDTH, HEIGHT)
    const seen = mean(24, 80, 32, 80)
    let colour
    let best = 90 // farther than this from each of them is none of them
    for (const [name, rgb] of Object.entries(COLOURS)) {
      const distance = Math.hypot(...rgb.map((v, i) => v - seen[i]))
      if (distance < best) [colour, best] = [name, distance]
    }
    let number = 0
    for (let i = 0; i < CELLS; i++) {
      const { x, y, w, h } = cell(i)
      if (mean(x + w / 4, y + h / 4, w / 2, h / 2)[0] > 127) number |= 1 << i
    }
    return { colour: colour ?? null, number, mean: seen.map(Math.round) }
  }

  // Watches the next frames that a <video> presents. Answers how many came, how many of them differ,
  // and the colours seen; ends early when `count` frames have come, else after `timeout` ms. A function instead of the
  // element is asked again and again: another publication has another element, and the former one shows nothing more.
  media.watch = (of, { count = 15, timeout = 60_000 } = {}) => new Promise((resolve) => {
    const now = typeof of === 'function' ? of : () => of
    let video
    const numbers = new Set()
    const colours = new Set()
    const pixels = new Set()
    let frames = 0
    const done = () => {
      clearTimeout(timer)
      clearInterval(look)
      resolve({ frames, different: numbers.size, differentPixels: pixels.size, colours: [...colours],
        width: video?.videoWidth, height: video?.videoHeight })
    }
    const timer = setTimeout(done, timeout)
    const arm = (element) => element.requestVideoFrameCallback(() => { if (element === video) next() })
    const change = () => {
      const element = now()
      if (!element || element === video) return
      video = element
      arm(video)
    }
    const look = setInterval(change, 50)
    const next = () => {
      const { colour, number } = media.readFrame(video)
      numbers.add(number)
      colours.add(colour)
      const { data } = read.getImageData(0, 0, WIDTH, HEIGHT)
      let hash = 0
      for (let i = 0; i < data.length; i += 52) hash = (hash * 31 + data[i]) | 0
      pixels.add(hash)
      if (++frames >= count) done()
      else arm(video)
    }
    change()
  })

  // The loudest pitch of an audio track in hertz, asked again until it is `near`; 0 while it is silent.
  // A parabola through the peak and its neighbours is finer than the transform's own 6 Hz. A function instead of the track
  // is asked again and again: there may be no track yet, or another later.
  media.pitch = async (of, { near = 0, timeout = 60_000 } = {}) => {
    const context = audio()
    const now = typeof of === 'function' ? of : () => of
    let track = null
    let source
    let analyser
    const until = performance.now() + timeout
    let hertz = 0
    do {
      if (track !== now()) {
        source?.disconnect()
        track = now()
        source = track && context.createMediaStreamSource(new MediaStream([track]))
        analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
        source?.connect(analyser)
      }
      await new Promise((r) => setTimeout(r, 100))
      hertz = 0
      if (!track) continue
      const bins = new Float32Array(analyser.frequencyBinCount)
      analyser.getFloatFrequencyData(bins)
      let top = 1
      for (let i = 2; i < bins.length - 1; i++) if (bins[i] > bins[top]) top = i
      if (bins[top] < -60) continue
      const [a, b, c] = [bins[top - 1], bins[top], bins[top + 1]]
      hertz = (top + (a - c) / (2 * (a - 2 * b + c))) * context.sampleRate / analyser.fftSize
    } while (performance.now() < until && !(near ? Math.abs(hertz - near) < near * 0.03 : hertz > 0))
    source?.disconnect()
    return hertz
  }

  // The loudness (RMS, 0 to 1) of a track over `ms`.
  media.loudness = async (track, ms = 500) => {
    const context = audio()
    const source = context.createMediaStreamSource(new MediaStream([track]))
    const analyser = new AnalyserNode(context, { fftSize: 2048 })
    source.connect(analyser)
    const wave = new Float32Array(analyser.fftSize)
    let loudest = 0
    for (const until = performance.now() + ms; performance.now() < until;) {
      await new Promise((r) => setTimeout(r, 50))
      analyser.getFloatTimeDomainData(wave)
      loudest = Math.max(loudest, Math.sqrt(wave.reduce((s, v) => s + v * v, 0) / wave.length))
    }
    source.disconnect()
    return loudest
  }

  // The page's machine has these devices from now on: cameras by their colour, microphones by their pitch. What is
  // opened is a fresh track each time, as a device's is, and `open` has those that nobody has stopped.
  media.machine = ({ cameras, microphones }) => {
    const opened = new Set()
    const devices = [
      ...Object.keys(cameras).map((deviceId) => ({ kind: 'videoinput', deviceId, label: deviceId, groupId: '' })),
      ...Object.keys(microphones).map((deviceId) => ({ kind: 'audioinput', deviceId, label: deviceId, groupId: '' })),
    ]
    const find = (list, constraints) => {
      const id = constraints.deviceId?.exact ?? Object.keys(list)[0]
      if (!(id in list)) throw new DOMException('', constraints.deviceId ? 'OverconstrainedError' : 'NotFoundError')
      return id
    }
    const give = (id, made) => {
      const { track } = made
      const settings = track.getSettings.bind(track)
      const stop = track.stop.bind(track)
      track.getSettings = () => ({ ...settings(), deviceId: id })
      track.stop = () => { stop(); opened.delete(track) }
      opened.add(track)
      return track
    }
    navigator.mediaDevices.enumerateDevices = async () => devices
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
      const [microphone, camera] = [audio && find(microphones, audio), video && find(cameras, video)] // all or nothing
      const tracks = []
      if (audio) tracks.push(give(microphone, media.tone(microphones[microphone])))
      if (video) tracks.push(give(camera, media.picture(cameras[camera], { fps: 30 })))
      return new MediaStream(tracks)
    }
    return { get open() { return [...opened].map((t) => t.getSettings().deviceId) } }
  }
})()
