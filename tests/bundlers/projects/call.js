// What each page does, as documented; where a page of its own would have these from its server, they are in the address.
const query = new URLSearchParams(location.search);
const { appkey, server, channelName, uid } = Object.fromEntries(query);

export async function call(NERTC, { wasmUrl, token = query.get('token'), permkey = query.get('permkey'), signal } = {}) {
  const client = NERTC.createClient({ appkey, server, wasmUrl });
  const me = NERTC.createStream({ audio: true, video: true, client });
  signal?.addEventListener('abort', () => [me, client].forEach((one) => one.destroy()));
  const failed = (error) => signal?.aborted || console.error(error); // who destroys a client ends what it has under way
  client.on('stream-added', ({ stream }) => client.subscribe(stream).catch(failed));
  client.on('stream-subscribed', ({ stream }) => stream.play(document.getElementById('others')).catch(failed));
  await Promise.all([client.join({ channelName, uid: Number(uid), token, permkey }), me.init()]);
  await client.publish(me);
  document.title = 'in a call';
}
