// What is said of the npm package in one place: its name in npm/package.json, its version in the one of the repository.
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url)));

/** npm/package.json as it stands there: the version comes with the pack. */
export const manifest = read('../npm/package.json');
export const { name } = manifest;
export const { version } = read('../package.json');
