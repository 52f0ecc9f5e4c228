// Cameras and a screen for the pictures in the documentation: people who are drawn, each unlike the others,
// and a document with a chart. They move a little, as cameras do.
(() => {
  const WIDTH = 640
  const HEIGHT = 360
  const PEOPLE = [
    { wall: ['#33425e', '#8a9cc2'], skin: '#e0ac8a', hair: '#3b2a22', shirt: '#e8eef7', cut: 'short' },
    { wall: ['#6b4a2f', '#d8b58a'], skin: '#8d5a3b', hair: '#1c1513', shirt: '#d9803c', cut: 'curly' },
    { wall: ['#254d46', '#86bfa9'], skin: '#f0c7a4', hair: '#b5612c', shirt: '#27564d', cut: 'long' },
    { wall: ['#4c3357', '#b58cc0'], skin: '#c98e66', hair: '#23191f', shirt: '#f0d9e6', cut: 'bun' },
    { wall: ['#2c4f66', '#a9d0e0'], skin: '#f2d0b4', hair: '#d7b46a', shirt: '#2f6d8f', cut: 'short' },
    { wall: ['#5d3434', '#d19a8c'], skin: '#6f4630', hair: '#151010', shirt: '#f2e9d8', cut: 'bald' },
    { wall: ['#3a3f2a', '#bcc18a'], skin: '#e6b690', hair: '#77706b', shirt: '#59634a', cut: 'long' },
    { wall: ['#27304a', '#7f8fd0'], skin: '#b9784f', hair: '#2a1c16', shirt: '#c5473f', cut: 'curly' },
    { wall: ['#4a4238', '#cfc2ad'], skin: '#f4d6c0', hair: '#5a2f1d', shirt: '#4a4f86', cut: 'bun' },
  ]

  const disc = (paint, colour, x, y, rx, ry = rx, from = 0, to = 2 * Math.PI) => {
    paint.fillStyle = colour
    paint.beginPath()
    paint.ellipse(x, y, rx, ry, 0, from, to)
    paint.fill()
  }

  const room = (paint, [dark, light], number) => {
    const wall = paint.createLinearGradient(0, 0, WIDTH, HEIGHT)
    wall.addColorStop(0, light)
    wall.addColorStop(1, dark)
    paint.fillStyle = wall
    paint.fillRect(0, 0, WIDTH, HEIGHT)
    paint.fillStyle = 'rgb(255 255 255 / .16)'
    if (number % 3 === 0) paint.fillRect(54, 36, 120, 150) // a window
    if (number % 3 === 1) for (const y of [90, 160]) paint.fillRect(440, y, 150, 8) // shelves
    if (number % 3 === 2) disc(paint, 'rgb(255 255 255 / .2)', 540, 90, 46) // a lamp
    if (number % 3 === 1) for (let i = 0; i < 8; i++) {
      paint.fillStyle = `hsl(${(number * 67 + i * 43) % 360} 35% 62% / .7)`
      paint.fillRect(452 + i * 15, 48 + (i % 3) * 6, 11, 42 - (i % 3) * 6)
    }
  }

  const person = (paint, number, seconds) => {
    const { wall, skin, hair, shirt, cut } = PEOPLE[number % PEOPLE.length]
    room(paint, wall, number)
    const x = WIDTH / 2 + 7 * Math.sin(seconds * 0.7 + number)
    const y = 168 + 4 * Math.sin(seconds * 1.1 + 2 * number)
    if (cut === 'long') disc(paint, hair, x, y + 34, 88, 112)
    if (cut === 'bun') disc(paint, hair, x, y - 98, 34)
    disc(paint, shirt, x, HEIGHT + 50, 168, 138) // shoulders
    paint.fillStyle = skin
    paint.fillRect(x - 27, y + 50, 54, 62)
    disc(paint, 'rgb(0 0 0 / .13)', x, y + 76, 40, 22)
    disc(paint, skin, x, y + 118, 27, 18)
    if (cut === 'curly') for (let i = 0; i < 11; i++) {
      const a = Math.PI + (i / 10) * Math.PI
      disc(paint, hair, x + 66 * Math.cos(a), y - 12 + 76 * Math.sin(a), 27)
    }
    if (cut !== 'bald') disc(paint, hair, x, y - 14, 76, 86)
    disc(paint, skin, x - 66, y + 8, 12, 17)
    disc(paint, skin, x + 66, y + 8, 12, 17)
    disc(paint, skin, x, y + 4, 66, 82)
    if (cut !== 'bald') disc(paint, hair, x, y - 40, 64, 40, Math.PI, 2 * Math.PI)
    const blink = (seconds * 0.31 + number * 0.37) % 1 < 0.04 ? 0.2 : 1
    for (const side of [-1, 1]) {
      disc(paint, '#fff', x + side * 26, y - 4, 11, 8 * blink)
      disc(paint, '#2a2522', x + side * 26 + 2 * Math.sin(seconds * 0.5), y - 4, 5.5, 5.5 * blink)
      paint.fillStyle = cut === 'bald' ? '#1c1513' : hair
      paint.fillRect(x + side * 26 - 13, y - 24, 26, 5)
    }
    const open = 5 + 5 * Math.abs(Math.sin(seconds * 3 + number))
    disc(paint, '#8d3d3a', x, y + 42, 19, open)
    disc(paint, 'rgb(0 0 0 / .12)', x, y + 20, 9, 6)
    if (number % 4 === 3) {
      paint.strokeStyle = '#22222a'
      paint.lineWidth = 4
      for (const side of [-1, 1]) {
        paint.beginPath()
        paint.ellipse(x + side * 26, y - 3, 20, 17, 0, 0, 2 * Math.PI)
        paint.stroke()
      }
      paint.fillRect(x - 7, y - 5, 14, 3)
    }
  }

  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug']
  const slide = (paint, seconds) => {
    paint.fillStyle = '#ffffff'
    paint.fillRect(0, 0, 1280, 720)
    paint.fillStyle = '#1d3a8a'
    paint.fillRect(0, 0, 1280, 12)
    paint.fillStyle = '#14213d'
    paint.font = '600 44px system-ui, sans-serif'
    paint.fillText('Calls on our own server', 72, 104)
    paint.font = '400 24px system-ui, sans-serif'
    paint.fillStyle = '#5b6475'
    paint.fillText('Minutes per month, in thousands', 72, 148)
    MONTHS.forEach((month, i) => {
      const height = 90 + 38 * i + 14 * Math.sin(i * 2.1)
      const now = i === MONTHS.length - 1 ? 8 * Math.sin(seconds * 2) : 0
      paint.fillStyle = i === MONTHS.length - 1 ? '#2f6fed' : '#a9c1f5'
      paint.beginPath()
      paint.roundRect(92 + i * 96, 600 - height - now, 60, height + now, [10, 10, 0, 0])
      paint.fill()
      paint.fillStyle = '#5b6475'
      paint.font = '400 22px system-ui, sans-serif'
      paint.fillText(month, 100 + i * 96, 640)
    })
    paint.fillStyle = '#eef3ff'
    paint.beginPath()
    paint.roundRect(900, 190, 310, 410, 18)
    paint.fill()
    paint.fillStyle = '#14213d'
    paint.font = '600 26px system-ui, sans-serif'
    paint.fillText('Next', 936, 246)
    paint.font = '400 22px system-ui, sans-serif'
    for (const [i, line] of ['Screen with its sound', 'Two layers per camera', 'Encryption end to end', 'Live streams'].entries()) {
      paint.fillStyle = i < 2 ? '#159a5c' : '#c3cbdb'
      paint.beginPath()
      paint.arc(946, 292 + i * 62, 9, 0, 2 * Math.PI)
      paint.fill()
      paint.fillStyle = '#14213d'
      paint.fillText(line, 972, 300 + i * 62)
    }
  }

  const film = (width, height, fps, draw) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const paint = canvas.getContext('2d')
    const frame = () => draw(paint, performance.now() / 1000)
    frame()
    const timer = setInterval(frame, 1000 / fps)
    const track = canvas.captureStream(fps).getVideoTracks()[0]
    track.addEventListener('ended', () => clearInterval(timer))
    return track
  }

  window.portraits = {
    /** A camera before which person `number` sits. */
    camera: (number, fps = 12) => film(WIDTH, HEIGHT, fps, (paint, seconds) => person(paint, number, seconds)),
    /** A screen with a document. */
    screen: (fps = 5) => film(1280, 720, fps, slide),
    /** Puts person `number` before the page's camera, and the document on its screen. */
    install(number) {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = async ({ video, ...rest }) => {
        const stream = rest.audio ? await ask(rest) : new MediaStream()
        if (video) stream.addTrack(window.portraits.camera(number))
        return stream
      }
      navigator.mediaDevices.getDisplayMedia = async () => new MediaStream([window.portraits.screen()])
    },
  }
})()
