// The level of a microphone, drawn as a row of bars.

const BARS = 24;
const FLOOR = -60; // dBFS: what is quieter counts as silence

/** Draws the level of tracks into an element with role meter. */
export class Meter {
  #root;
  #bars;
  #context = null;
  #source = null;
  #frame = 0;

  constructor(root, bars) {
    this.#root = root;
    this.#bars = Array.from({ length: BARS }, () => bars.appendChild(document.createElement('i')));
  }

  /** Shows the level of the stream's sound from now on. */
  start(stream) {
    this.stop();
    if (stream.getAudioTracks().length === 0) return;
    this.#context ??= new AudioContext();
    this.#context.resume().catch(() => {});
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let shown = 0;
    const draw = () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
      const level = Math.min(1, Math.max(0, 1 - (10 * Math.log10(power + 1e-12)) / FLOOR));
      shown = Math.max(level, shown * 0.88); // quick up, slow down, as meters are read
      this.#show(shown);
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }

  /** Shows silence and lets go of the stream. */
  stop() {
    cancelAnimationFrame(this.#frame);
    this.#source?.disconnect();
    this.#source = null;
    this.#show(0);
  }

  /** Browsers keep sound asleep until the visitor has touched the page. */
  wake() {
    this.#context?.resume().catch(() => {});
  }

  #show(level) {
    const lit = Math.round(level * BARS);
    this.#bars.forEach((bar, i) => bar.classList.toggle('lit', i < lit));
    this.#root.setAttribute('aria-valuenow', String(Math.round(level * 100)));
  }
}
