import { Code, NERtcError } from './error';

export interface Device {
  deviceId: string;
  label: string;
}

/** The devices that the browser tells of. Their labels are empty until the page was allowed to use one. */
export async function getDevices(): Promise<{ video: Device[]; audioIn: Device[]; audioOut: Device[] }> {
  const media = globalThis.navigator?.mediaDevices;
  if (!media?.enumerateDevices) {
    throw new NERtcError(Code.NotSupported, 'this page has no media devices: browsers give them to secure contexts only');
  }
  const all = await media.enumerateDevices();
  const of = (kind: MediaDeviceKind) =>
    all.filter((device) => device.kind === kind).map(({ deviceId, label }) => ({ deviceId, label }));
  return { video: of('videoinput'), audioIn: of('audioinput'), audioOut: of('audiooutput') };
}
