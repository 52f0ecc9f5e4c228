import type { Choice, Subscription } from './core';

/** What is subscribed and played unless the page says otherwise. */
export const EVERYTHING: Choice = { audio: true, audioSlave: true, video: true, screen: true };

const TYPES = ['audio', 'audioSlave', 'video', 'screen'] as const;

/**
 * A page's choice of media types. One that names a type as true means exactly those that it names; one that only says
 * false takes these away from the default.
 */
export function choose(config: Partial<Record<keyof Choice, unknown>> | null | undefined, standard: Choice): Choice {
  const exact = TYPES.some((type) => config?.[type]);
  const choice = { ...standard };
  for (const type of TYPES) {
    const value = config?.[type] ?? null;
    if (exact || value !== null) choice[type] = Boolean(value);
  }
  return choice;
}

/** The core's name of a media type; `screenAudio`, the name at capture, is `audioSlave` everywhere else. */
export function mediaType(type: string | null | undefined): string | null {
  return type === 'screenAudio' ? 'audioSlave' : (type ?? null);
}

/** What a page subscribes to: its choice of media types, and of a layer where it names one. */
export function subscription(config: Partial<Record<keyof Subscription, unknown>> | null | undefined): Subscription {
  const choice: Subscription = choose(config, EVERYTHING);
  if (typeof config?.highOrLow === 'number') choice.highOrLow = config.highOrLow;
  return choice;
}
