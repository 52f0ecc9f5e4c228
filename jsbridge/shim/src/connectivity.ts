// Whether camera, microphone and speaker can be used, as far as that shows without using them.
import type { Connectivity, ConnectivityDevice, ConnectivityResult } from '../types/types';

const DEVICES = {
  camera: { kind: 'videoinput', permission: 'camera', constraint: 'video' },
  microphone: { kind: 'audioinput', permission: 'microphone', constraint: 'audio' },
} as const;

/** What failed captures are called, by the names that browsers give: https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia */
const FAILURES: Record<string, string> = {
  NotAllowedError: 'not permitted by the user or the browser',
  NotFoundError: 'not found',
  NotReadableError: 'in use by another program, or broken',
  AbortError: 'cannot be started',
};

/**
 * How long the user has to answer, and the browser, in milliseconds: some do not list devices to a page that is not seen,
 * https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-enumeratedevices
 */
const ANSWER = 20_000;

const result = (began: number, reason: string, ok = reason === ''): ConnectivityResult => ({ ok, reason, ms: Math.round(performance.now() - began) });

/** Why something is as it is, and whether it is well: unless that is said, where there is no reason. */
type Outcome = [reason: string, ok?: boolean];

/** The devices; `ask` opens camera and microphone for a moment, for which the browser may ask the user. Never rejects, and ends within a minute. */
export async function checkDevices(ask: boolean): Promise<ConnectivityDevice> {
  const began = performance.now();
  const media = globalThis.navigator?.mediaDevices;
  const each = async (check: () => Promise<Outcome>) => {
    const since = performance.now();
    if (!media?.enumerateDevices) return result(since, 'browsers give devices to secure contexts (https:, localhost) only');
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve([`no answer of the user or the browser within ${ANSWER / 1000} s`]), ANSWER);
    });
    try {
      const found: Outcome = await Promise.race([check(), late]); // what is opened later is closed all the same
      return result(since, ...found);
    } catch (error) {
      return result(since, FAILURES[(error as Error)?.name] ?? String((error as Error)?.message ?? error));
    } finally {
      clearTimeout(timer!);
    }
  };
  const capturing = (name: keyof typeof DEVICES) => each(async () => {
    const { kind, permission, constraint } = DEVICES[name];
    if (!(await media.enumerateDevices()).some((device) => device.kind === kind)) return ['not found'];
    const state = await allowed(permission);
    if (state === 'denied') return [FAILURES.NotAllowedError];
    if (!ask) return state === 'granted' ? [''] : ['the user has not been asked yet', true];
    const stream = await media.getUserMedia({ [constraint]: true });
    for (const track of stream.getTracks()) track.stop();
    return [''];
  });
  // One after the other: a browser asks for one thing at a time.
  const microphone = await capturing('microphone');
  const camera = await capturing('camera');
  const speaker = await each(async () => {
    const devices = await media.enumerateDevices();
    if (devices.some((device) => device.kind === 'audiooutput')) return [''];
    // https://www.w3.org/TR/audio-output/: who has no choice of outputs does not list them either; a browser that has the user choose
    // (selectAudioOutput) lists those that were chosen, and others may list none before a microphone is permitted, as whose label tells.
    const told = 'setSinkId' in globalThis.HTMLMediaElement.prototype && !('selectAudioOutput' in media) && devices.some(({ label }) => label);
    return told ? ['not found'] : ['this browser does not tell of speakers', true];
  });
  const all = { camera, microphone, speaker };
  const wrong = Object.entries(all).filter(([, { ok }]) => !ok).map(([name, { reason }]) => `${name}: ${reason}`);
  return { ...result(began, wrong.join('; ')), ...all };
}

/** Whether the user has permitted it: https://www.w3.org/TR/permissions/; not every browser tells. */
async function allowed(name: string): Promise<string> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return 'prompt';
  }
}

/** The ways of media where nothing could be tried. */
export function unreached(reason: string): Omit<Connectivity, 'devices'> {
  const none = (reason: string): ConnectivityResult => ({ ok: false, reason, ms: 0 });
  const rest = none('not tried: no signalling');
  return { signalling: none(reason), udp: rest, tcp: { ...rest }, turn: { ...rest } };
}
