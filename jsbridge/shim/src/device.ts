import { Emitter, hide, report } from './emitter';
import { bindMethods } from './proxy';

/** The event by which a page says, in a gesture of the user, that the screen may be asked for again. */
const FIRED = 'user-gesture-fired';

/** How the core asks for a screen: `giveUp` says that nobody waits for it any more. */
export interface Display {
  getDisplayMedia(constraints?: DisplayMediaStreamOptions): Promise<MediaStream>;
  giveUp(): void;
}

/** NERTC.Device; types/index.d.ts documents it. */
export class Device extends Emitter {
  onUserGestureNeeded: ((evt: any) => void) | null = null;
  /** Whether stereo microphones are heard by one of their channels. */
  _compat = false;
  /** What waits for a gesture. */
  readonly _waiting = new Set<() => void>();

  constructor() {
    super();
    for (const name of ['_compat', '_waiting']) hide(this, name);
    bindMethods(this);
  }

  enableCompatMode(): void {
    this._compat = true;
  }

  disableCompatMode(): void {
    this._compat = false;
  }

  /** Of FIRED the first effect is that the browser is asked again, while the gesture lasts. */
  override emit(event: string, ...args: unknown[]): boolean {
    const waiting = event === FIRED ? [...this._waiting] : [];
    for (const again of waiting) again();
    return super.emit(event, ...args) || waiting.length > 0;
  }

  /** Asks for a screen, and where the browser wants a gesture of the user for that, once more in it. */
  _display(): Display {
    const pending = new Set<() => void>();
    return {
      getDisplayMedia: async (constraints) => {
        const ask = async () => navigator.mediaDevices.getDisplayMedia(constraints);
        try {
          return await ask();
        } catch (error) {
          if (!wantsGesture(error)) throw error;
          return this._gesture(error, ask, pending);
        }
      },
      giveUp: () => {
        for (const end of pending) end();
      },
    };
  }

  _gesture(error: unknown, ask: () => Promise<MediaStream>, pending: Set<() => void>): Promise<MediaStream> {
    return new Promise((resolve, reject) => {
      let bar: HTMLElement | null = null;
      const over = () => {
        this._waiting.delete(again);
        pending.delete(giveUp);
        bar?.remove();
      };
      const again = () => {
        over();
        ask().then(resolve, reject);
      };
      const giveUp = () => {
        over();
        reject(error);
      };
      this._waiting.add(again);
      pending.add(giveUp);
      try {
        if (typeof this.onUserGestureNeeded === 'function') this.onUserGestureNeeded(error);
        else bar = showBar(() => this.emit(FIRED));
      } catch (e) {
        report(e);
        giveUp();
      }
    });
  }
}

/**
 * Whether a browser refuses a screen for want of a gesture: by the standard with an InvalidStateError, older Safaris with
 * an InvalidAccessError. https://www.w3.org/TR/screen-capture/#dom-mediadevices-getdisplaymedia
 */
function wantsGesture(error: unknown): boolean {
  return ['InvalidStateError', 'InvalidAccessError'].includes((error as Error | null)?.name ?? '');
}

/** A yellow bar at the top of the page, for pages that do not ask for the gesture themselves. */
function showBar(clicked: () => void): HTMLElement {
  const bar = document.createElement('button');
  bar.className = 'nertc-user-gesture';
  bar.type = 'button';
  bar.textContent = navigator.language?.startsWith('zh') ? '点击此处共享屏幕' : 'Click here to share the screen';
  Object.assign(bar.style, {
    position: 'fixed', top: '0', left: '0', width: '100%', padding: '12px', border: '0', zIndex: '2147483647',
    background: '#ffe58f', color: '#222', font: '16px sans-serif', cursor: 'pointer',
  });
  bar.addEventListener('click', clicked);
  document.body.append(bar);
  return bar;
}
