/** A right that a permission key gives. 权限名称 */
export type PrivilegeName = 'send-audio' | 'send-video' | 'receive-audio' | 'receive-video' | 'create-room' | 'join';

/** The bit of each right: 1, 2, 4, 8, 16 and 32, in the order of PrivilegeName. 各权限对应的位 */
export const PRIVILEGES: Readonly<Record<PrivilegeName, number>>;

/** The longest life of a token in seconds: 86400. Token 的最长有效期（秒） */
export const MAX_TOKEN_TTL: number;

/** The longest life of a permission key in seconds: 2147483647. 权限密钥的最长有效期（秒） */
export const MAX_PERMKEY_TTL: number;

/** Who may join which room, and from when. 谁可以加入哪个房间 */
export interface Subject {
  /** The application, 1 to 64 bytes: what pages give createClient. 应用的 App Key */
  appkey: string;
  /** The room, 1 to 64 bytes of UTF-8; a number becomes its decimal text, as in `join`. 房间名 */
  channelName: string | number;
  /**
   * The user as in `join`: a positive safe integer, or up to 64 characters; a number and its decimal text are the same.
   * Left out, null, '' and 0 all stand for a user who joins without a uid. 用户 ID
   */
  uid?: number | string | null;
  /** When it begins: a Date, or Unix time in milliseconds. Default: now. 生效时间，默认现在 */
  now?: Date | number;
}

/** What `makeToken` takes. `makeToken` 的参数 */
export interface TokenOptions extends Subject {
  /** The app's secret, as in the gateway's configuration. Never give it to a page. 应用密钥，切勿交给页面 */
  appSecret: string;
  /** How long it is good for in whole seconds, 1 to 86400. Default: 3600. 有效期（秒） */
  ttl?: number;
}

/** What `makePermkey` takes. `makePermkey` 的参数 */
export interface PermkeyOptions extends Subject {
  /** The app's permission secret, as in the gateway's configuration. Never give it to a page. 权限密钥的签名密钥，切勿交给页面 */
  permSecret: string;
  /** How long the user may stay in whole seconds, 1 to 2147483647. Default: 3600. 有效期（秒） */
  ttl?: number;
  /** What the user may do: the names of the rights, or the sum of their bits. Default: everything, 63. 权限，默认全部 */
  privilege?: number | readonly PrivilegeName[];
}

/**
 * Makes the `token` of `join`, for an app in secure mode. On servers only. Throws a TypeError that says which option is
 * wrong and never holds a secret.
 *
 * 在服务端生成加入房间所需的 Token。
 */
export function makeToken(options: TokenOptions): string;

/**
 * Makes the `permkey` of `join` and `updatePermKey`. On servers only. Throws like `makeToken`.
 *
 * 在服务端生成权限密钥（permkey）。
 */
export function makePermkey(options: PermkeyOptions): string;
