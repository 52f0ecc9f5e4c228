// Cameras and microphones for the lobby, before there is any call.

/* global NERTC */

/** Whether this page may ask for devices at all: https pages and localhost only. */
export function devicesAllowed() {
  return Boolean(navigator.mediaDevices?.getUserMedia) && typeof NERTC !== 'undefined';
}

/** Lists {microphones, cameras, speakers}; labels are empty until the visitor has given leave. */
export async function listDevices() {
  if (!devicesAllowed()) return { microphones: [], cameras: [], speakers: [] };
  const { audioIn, video, audioOut } = await NERTC.getDevices();
  // Chromium lists the default devices twice; their entries of their own are enough.
  const own = (devices) => devices.filter(({ deviceId }) => deviceId !== 'default' && deviceId !== 'communications');
  return { microphones: own(audioIn), cameras: own(video), speakers: own(audioOut) };
}

/**
 * Opens what is wanted of {audio, video}, each false or a device id ('' for any).
 * Answers {stream, problems}: what could be opened, and for each of audio and
 * video that could not why: 'denied', 'missing', 'busy' or 'insecure'.
 */
export async function openDevices({ audio, video }) {
  const wanted = { audio: audio !== false, video: video !== false };
  const stream = new MediaStream();
  if (!devicesAllowed()) {
    return { stream, problems: { ...(wanted.audio && { audio: 'insecure' }), ...(wanted.video && { video: 'insecure' }) } };
  }
  const constraints = {
    audio: wanted.audio && (audio ? { deviceId: { exact: audio } } : true),
    video: wanted.video && { width: { ideal: 1280 }, height: { ideal: 720 }, ...(video && { deviceId: { exact: video } }) },
  };
  const problems = {};
  if (wanted.audio && wanted.video) {
    try {
      return { stream: await navigator.mediaDevices.getUserMedia(constraints), problems };
    } catch {
      // One of the two failed and the browser does not say which: ask for each alone.
    }
  }
  for (const kind of ['audio', 'video']) {
    if (!wanted[kind]) continue;
    try {
      const one = await navigator.mediaDevices.getUserMedia({ [kind]: constraints[kind] });
      one.getTracks().forEach((track) => stream.addTrack(track));
    } catch (error) {
      problems[kind] = reasonOf(error);
    }
  }
  return { stream, problems };
}

// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia
function reasonOf(error) {
  switch (error && error.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    default:
      return 'busy';
  }
}
