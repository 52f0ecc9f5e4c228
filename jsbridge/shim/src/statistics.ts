import type { Core, CoreClient } from './core';
import { Code, NERtcError } from './error';

/** What the calls give where nothing is measured: before a join, without a core, in the first second. */
const NOTHING = {
  getSessionStats: { Duration: 0, RecvBitrate: 0, RecvBytes: 0, SendBitrate: 0, SendBytes: 0, UserCount: 0 },
  getTransportStats: { txRtt: 0, rxRtt: 0, NetworkType: 'unknown', OutgoingAvailableBandwidth: 0 },
  getLocalAudioStats: [],
  getLocalVideoStats: [],
  getRemoteAudioStats: {},
  getRemoteVideoStats: {},
} as const;

/** What a client must have to be measured. */
interface Measured {
  readonly _core: Core;
  readonly _object: CoreClient | null;
  _alive(): void;
}

/** Gives a class of clients the documented statistics: they are there at once and, as pages rely on it, never fail. */
export function addStatistics(target: object): void {
  for (const [name, nothing] of Object.entries(NOTHING)) {
    const value = async function (this: Measured, type?: unknown): Promise<unknown> {
      this._alive();
      const known = typeof type === 'string' && ['audio', 'audioSlave', 'video', 'screen'].includes(type) ? type : null;
      const none = () => (Array.isArray(nothing) ? [] : { ...nothing });
      return this._core.ask<unknown>(none(), () => this._object?.statistics(name, known) ?? none());
    };
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

/** The battery's charge in percent. 10480 without a battery interface, as outside of Chromium and of HTTPS. */
export async function batteryLevel(): Promise<number> {
  const owner = globalThis.navigator as (Navigator & { getBattery?: () => Promise<{ level: number }> }) | undefined;
  try {
    return Math.round((await owner!.getBattery!()).level * 100);
  } catch {
    throw new NERtcError(Code.NoBattery, 'this browser has no battery interface');
  }
}
