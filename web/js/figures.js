// What the statistics of the SDK say of each person, put together for the drawer.

/** The figures of a person, in the order in which they are shown: unit, decimals, and the least upper end of the plot. */
export const FIGURES = {
  bitrate: { unit: 'kbit/s', digits: 0, least: 100 },
  fps: { unit: 'fps', digits: 0, least: 15 },
  rtt: { unit: 'ms', digits: 0, least: 50 },
  delay: { unit: 'ms', digits: 0, least: 50 },
  loss: { unit: '%', digits: 1, least: 5 },
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
 * The figures of oneself: what is sent, its frame rate, the round trip to the server and the bandwidth that there is for sending.
 * null is what is not measured.
 */
export function ownFigures({ transport, localAudio, localVideo }) {
  const sent = [...localAudio, ...localVideo];
  return {
    bitrate: sent.length ? sum(sent.map((one) => one.SendBitrate)) : null,
    fps: localVideo.length ? localVideo[0].SendFrameRate : null,
    rtt: transport.txRtt,
    bandwidth: transport.OutgoingAvailableBandwidth || null,
  };
}

/**
 * The figures of somebody else: what is received of sound, camera and screen together, the frame rate of the camera, or of the
 * screen without one, the time that it takes from there to here, and the share of packets lost, the worst of all.
 */
export function othersFigures(uid, { remoteAudio, remoteVideo, remoteScreen }) {
  const pictures = [remoteVideo[uid], remoteScreen[uid]].filter(Boolean);
  const received = [remoteAudio[uid], ...pictures].filter(Boolean);
  if (received.length === 0) return { bitrate: null, fps: null, delay: null, loss: null };
  return {
    bitrate: sum(received.map((one) => one.RecvBitrate)),
    fps: pictures.length ? pictures[0].RenderFrameRate : null,
    delay: Math.max(...received.map((one) => one.End2EndDelay)),
    loss: Math.max(...received.map((one) => one.PacketLossRate)),
  };
}

/** The level of network-quality that stands for both directions: the worse one that is known; 0 where none is. */
export function worseOf({ uplinkNetworkQuality: up, downlinkNetworkQuality: down }) {
  return Math.max(up, down);
}

const sum = (values) => values.reduce((total, value) => total + (value || 0), 0);
