/** What the core rejects with: jsbridge/js/errors.go makes it. */
export interface CoreError {
  code: number;
  extraCode?: number;
  reason: string;
}

/** The documented codes that the shim itself gives. */
export const Code = {
  InvalidArgument: 10000,
  NotSupported: 10001,
  Network: 10002,
  InvalidOperation: 10008,
  UnknownMediaType: 10012,
  InvalidTaskToAdd: 10132,
  InvalidTaskToDelete: 10134,
  InvalidTaskToUpdate: 10136,
  TransformUnsupported: 10471,
  SecretBeforeMode: 10473,
  NoBattery: 10480,
} as const;

/** The error of every call; types/types.d.ts documents it for pages. */
export class NERtcError extends Error {
  override readonly name = 'NERtcError';
  readonly code: number;
  readonly extraCode: number;
  readonly reason: string;

  constructor(code: number, reason: string, extraCode = 0) {
    super(reason);
    this.code = code;
    this.extraCode = extraCode;
    this.reason = reason;
  }

  getCode(): number {
    return this.code;
  }

  getExtraCode(): number {
    return this.extraCode;
  }

  getMessage(): string {
    return this.reason;
  }

  /** Pages of early releases got this text instead of an object and search it: `(e + '').includes('403')`. */
  override toString(): string {
    return `${this.name}: code: ${this.code}, reason: ${this.reason}`;
  }
}

/** True for the plain object that the core throws and rejects with. */
export function isCoreError(value: unknown): value is CoreError {
  return typeof value === 'object' && value !== null && typeof (value as CoreError).code === 'number';
}

/** Turns what the core threw or rejected with into the error that a page sees: the one place where that happens. */
export function fromCore(value: unknown): NERtcError {
  if (value instanceof NERtcError) return value;
  if (!isCoreError(value)) return new NERtcError(Code.InvalidOperation, String(value));
  // 403 and 414 are given as extraCode too: pages look at either.
  const extra = value.extraCode || (value.code < 1000 ? value.code : 0);
  return new NERtcError(value.code, String(value.reason), extra);
}
