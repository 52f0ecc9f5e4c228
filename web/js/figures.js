// What the statistics of the SDK say of each person, put together for the drawer.

/** The figures of a person, in the order in which they are shown: unit, decimals, and the least upper end of the plot. */
export const FIGURES = {
  bitrate: { unit: 'kbit/s', digits: 0, least: 100 },
  fps: { unit: 'fps', digits: 0, least: 15 },
  rtt: { unit: 'ms', digits: 0, least: 50 },
  delay: { unit: 'ms', digits: 0, least: 50 },
  loss: { unit: '%', digits: 1, least: 5 },
  lossIn: { unit: '%', digits: 1, least: 5 },
  bandwidth: { unit: 'kbit/s', digits: 0, least: 500 },
};

/** Asks the SDK for everything that the drawer shows. */
export async function readStatistics(client) {
  const [transport, localAudio, localVideo, remoteAudio, remoteVideo, remoteScreen, session] = await Promise.all([
    client.getTransportStats(), client.getLocalAudioStats(), client.getLocalVideoStats(),
    client.getRemoteAudioStats(), client.getRemoteVideoStats('video'), client.getRemoteVideoStats('screen'), client.getSessionStats(),
  ]);
  return { transport, localAudio, localVideo, remoteAudio, remoteVideo, remoteScreen, session };
}

/**
 * The figures of oneself: what is sent, its frame rate, the round trip to the server, the share of packets that are lost on the way
 * here, of all that is received, and the bandwidth that there is for sending. null is what is not measured.
 */
export function ownFigures({ transport, localAudio, localVideo, remoteAudio, remoteVideo, remoteScreen }) {
  const sent = [...localAudio, ...localVideo];
  const received = [remoteAudio, remoteVideo, remoteScreen].flatMap((all) => Object.values(all));
  const all = sum(received.map((one) => one.RecvBitrate));
  return {
    bitrate: sent.length ? sum(sent.map((one) => one.SendBitrate)) : null,
    fps: localVideo.length ? localVideo[0].SendFrameRate : null,
    rtt: transport.txRtt,
    lossIn: all > 0 ? sum(received.map((one) => one.PacketLossRate * one.RecvBitrate)) / all : null,
    bandwidth: transport.OutgoingAvailableBandwidth || null,
  };
}

/**
 * The figures of somebody else: what is received of sound, camera and screen together, the frame rate of the camera, or of the
 * screen without one, the round trip on the way that it comes, the share of packets lost, the worst of all, and the time that it
 * takes to be heard and seen here.
 */
export function othersFigures(uid, { remoteAudio, remoteVideo, remoteScreen }) {
  const of = (all) => (Object.hasOwn(all, uid) ? [all[uid]] : []);
  const pictures = [...of(remoteVideo), ...of(remoteScreen)];
  const received = [...of(remoteAudio), ...pictures];
  if (received.length === 0) return { bitrate: null, fps: null, rtt: null, loss: null, delay: null };
  return {
    bitrate: sum(received.map((one) => one.RecvBitrate)),
    fps: pictures.length ? pictures[0].RenderFrameRate : null,
    rtt: 2 * received[0].TransportDelay,
    loss: Math.max(...received.map((one) => one.PacketLossRate)),
    delay: Math.max(...received.map((one) => one.End2EndDelay)),
  };
}

/** The level of network-quality that stands for both directions: the worse one that is known; 0 where none is. */
export function worseOf({ uplinkNetworkQuality: up, downlinkNetworkQuality: down }) {
  return Math.max(up, down);
}

const sum = (values) => values.reduce((total, value) => total + (value || 0), 0);
