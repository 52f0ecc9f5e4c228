// A picture that asks for all the bits it can get: noise, drawn anew for each frame.
window.noise = ({ width = 640, height = 480, fps = 20 } = {}) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  // Blocks of four pixels: as busy as a picture gets, and cheap to draw.
  const small = new OffscreenCanvas(width / 4, height / 4)
  const inner = small.getContext('2d')
  const image = inner.createImageData(small.width, small.height)
  const words = new Uint32Array(image.data.buffer)
  const draw = () => {
    for (let i = 0; i < words.length; i++) words[i] = 0xff000000 | (Math.random() * 0xffffff)
    inner.putImageData(image, 0, 0)
    context.drawImage(small, 0, 0, width, height)
  }
  setInterval(draw, 1000 / fps)
  draw()
  return canvas.captureStream(fps).getVideoTracks()[0]
}
