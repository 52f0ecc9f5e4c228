// What can be done with one picture: the card behind the three dots of a tile.

import { t } from './i18n.js';
import { radios, slider } from './popup.js';
import { fill, fills, float, floating, floats } from './picture.js';

/** Opens the card of a tile at a button. */
export function openPersonMenu({ popup, stage, room, tile, anchor, failed, note }) {
  const { video } = tile;
  const pinned = stage.view.pinned === tile.key;
  const volume = room.others.volume(tile.uid, tile.type);
  const quality = tile.type === 'video' ? room.others.quality(tile.uid) : null;
  const pictured = tile.pictured && video;
  const attempt = (action, key) => () => Promise.resolve().then(action).catch((error) => failed(error, key));
  popup.open(anchor, tile.label, [
    popup.item({ text: t(pinned ? 'unpin' : 'pin'), sign: 'i-pin', testid: 'pin', act: () => stage.pin(pinned ? null : tile.key) }),
    pictured && floats() && popup.item({
      text: t(floating(video) ? 'pipBack' : 'pip'), sign: 'i-pip', testid: 'pip', act: attempt(() => float(video), 'err_pip'),
    }),
    pictured && popup.item({
      text: t('snapshot'), sign: 'i-shot', testid: 'snapshot',
      act: attempt(async () => note(t('saved', { file: await room.snapshot(tile.uid, tile.type) })), 'err_snapshot'),
    }),
    pictured && fills() && popup.item({ text: t('fullScreen'), sign: 'i-full', testid: 'full', act: attempt(() => fill(tile.root), 'err_full_screen') }),
    quality && pictured && radios({
      text: `${t('quality')} · ${video.videoWidth}×${video.videoHeight}`, testid: 'quality', chosen: quality,
      choices: ['auto', 'high', 'low'].map((value) => ({ value, text: t(`quality_${value}`) })),
      change: (value) => attempt(() => room.others.setQuality(tile.uid, value), 'err_setting')(),
    }),
    volume !== null && slider({
      text: t('volume'), sign: 'i-sound', value: volume, testid: 'volume', change: (value) => room.others.setVolume(tile.uid, tile.type, value),
    }),
  ]);
}
