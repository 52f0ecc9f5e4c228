// Compiled, never run: the classes keep what the types promise. What addStatistics adds at run time is beyond the compiler,
// so only the members that a class has itself are compared here, and all names by members.test.mjs.
import type { Client } from '../src/client';
import type { Emitter } from '../src/emitter';
import type { NERtcError } from '../src/error';
import type { Stream } from '../src/stream';
import type * as api from '../types/index';

type Keeps<Own extends Promised, Promised> = Own;
// The emitter's handlers are typed by event for pages and any in the class.
type Promised<Declared, Own> = Omit<Pick<Declared, keyof Declared & keyof Own>, keyof Emitter>;
// What the core hands through is not typed as narrowly in the class as pages see it.
type Loose = 'getChannelInfo' | 'getConnectionState' | 'client';

export type ClientKeeps = Keeps<Omit<Client, Loose>, Omit<Promised<api.Client, Client>, Loose>>;
export type StreamKeeps = Keeps<Omit<Stream, Loose>, Omit<Promised<api.Stream, Stream>, Loose>>;
export type ErrorKeeps = Keeps<NERtcError, api.NERtcError>;

/** A page as the documentation writes them. */
export async function page(NERTC: api.NERTC): Promise<void> {
  const client: api.Client = NERTC.createClient({ appkey: 'k', debug: true });
  client.on('stream-added', ({ stream, mediaType }) => {
    const type: api.MediaType = mediaType;
    stream.setSubscribeConfig({ [type]: true });
    void client.subscribe(stream);
  });
  client.on('peer-online', (evt: { uid: api.UID }) => void evt.uid);
  client.on('audioTrackEnded');
  client.on('volume-indicator', (evt) => void evt.map(({ uid, level, type }) => [uid, level, type]));
  client.on('volume-indicator', (evt: { uid: number; level: number }) => void (evt.level > 50 && evt.uid));
  client.on('active-speaker', (evt: { uid: number }) => void evt.uid);
  client.on('camera-changed', ({ state, device }) => void (state === 'ACTIVE' && device.label));
  client.setPlaybackVolume(50);
  client.on('channel-closed', () => {});
  await client.join({ channelName: 'room', uid: 1, token: '' });
  const stream = NERTC.createStream({ audio: true, video: true, uid: 1, client });
  await stream.init();
  await stream.play(document.body, { audio: false, video: true });
  stream.setLocalRenderMode({ width: 320, height: 180, cut: true });
  await client.publish(stream);
  client.off('peer-online');
  const quality: 8 = NERTC.VIDEO_QUALITY.VIDEO_QUALITY_720p;
  void quality;
}
