import { NERtcError } from './error';
import table from './rules.json';

interface Rule {
  /** Which argument, and which key of it; without a key the argument itself. */
  arg: number;
  key?: string;
  is: string;
  /** undefined and null pass. */
  optional?: boolean;
  min?: number;
  max?: number;
  values?: (string | number)[];
  keys?: string[];
  code: number;
  reason: string;
}

/** A name of rules.json. */
export type Checked = keyof typeof table;

/** Checks the arguments of a call by the table that shim and core share; throws the error of the first broken rule. */
export function check(call: Checked, ...args: unknown[]): void {
  for (const rule of table[call] as Rule[]) {
    const arg = args[rule.arg];
    const value = rule.key === undefined ? arg : (arg as Record<string, unknown> | null | undefined)?.[rule.key];
    if (rule.optional && (value === undefined || value === null)) continue;
    if (!holds(rule, value)) throw new NERtcError(rule.code, rule.reason);
  }
}

/** In UTF-8, where a lone surrogate takes the three bytes of U+FFFD. Counted by hand: Jest's pages have no TextEncoder. */
const bytes = (text: string) => [...text].reduce((sum, { length, 0: unit }) => sum + (length > 1 ? 4 : unit < '\x80' ? 1 : unit < '\u0800' ? 2 : 3), 0);
const given = (value: unknown) => value !== undefined && value !== null && value !== '' && value !== false;

function holds(rule: Rule, value: unknown): boolean {
  const { min = 0, max = Infinity } = rule;
  switch (rule.is) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'text':
      return typeof value === 'string' && bytes(value) >= min && bytes(value) <= max;
    case 'flag': // pages pass 0 and 1 as well
      return typeof value === 'boolean' || value === 0 || value === 1;
    case 'number':
      return typeof value === 'number' && value >= min && value <= max;
    case 'list':
      return Array.isArray(value) && value.length >= min && value.length <= max;
    case 'oneOf':
      return rule.values!.includes(value as string | number);
    case 'channelName': // a number becomes its decimal text
      return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && value !== '' && bytes(value) <= max;
    case 'uid': // 0 lets the server assign one
      if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
      return typeof value === 'string' && value !== '' && [...value].length <= max;
    case 'contradictory': // both keys given
      return !rule.keys!.every((key) => given((value as Record<string, unknown>)[key]));
    case 'needs': // the first key only together with the second
      return !given((value as Record<string, unknown>)[rule.keys![0]]) || given((value as Record<string, unknown>)[rule.keys![1]]);
  }
  throw new Error(`rules.json: unknown kind ${rule.is}`);
}
