// The integrity of a file, as attributes of pages and import maps name it: https://www.w3.org/TR/SRI/
import { createHash } from 'node:crypto';

export const integrityOf = (content) => `sha384-${createHash('sha384').update(content).digest('base64')}`;
