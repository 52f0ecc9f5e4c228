import { makePermkey, makeToken } from 'nertc-wasm-sdk/server';

// A server of its own would first ask who this is, and whether they may enter the room.
export function GET(request) {
  const { appkey, channelName, uid } = Object.fromEntries(new URL(request.url).searchParams);
  const user = { appkey, channelName, uid: Number(uid), ttl: 600 };
  return Response.json({
    token: makeToken({ ...user, appSecret: process.env.APP_SECRET }),
    permkey: makePermkey({ ...user, permSecret: process.env.PERM_SECRET }),
  });
}
