// What the browser itself can do with a picture on the page.

/** Whether this browser lets a video float above other windows. */
export const floats = () => Boolean(document.pictureInPictureEnabled);

/** Whether a video floats now. */
export const floating = (video) => Boolean(video) && document.pictureInPictureElement === video;

/** Lets a video float above other windows, or takes it back into the page; call it from a click. */
export async function float(video) {
  if (floating(video)) await document.exitPictureInPicture();
  else await video.requestPictureInPicture();
}

/** Whether this browser shows a part of a page on the whole screen. */
export const fills = () => Boolean(document.fullscreenEnabled);

/** Shows an element on the whole screen, or takes it back; call it from a click. */
export async function fill(el) {
  if (document.fullscreenElement === el) await document.exitFullscreen();
  else await el.requestFullscreen();
}
