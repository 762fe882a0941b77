/** The one error that this package throws and reports. */

/**
 * `code` is a number where the server refuses somebody, with the meaning of a close code (4000 malformed, 4001 token,
 * 4003 not allowed, 4429 too many sockets, 1013 try later), and a word otherwise: those of the wire contract, or
 * `unreachable` (no answer from the server) and `not_connected` (the client gave up, or was closed).
 */
export class FrameStreamError extends Error {
  override readonly name = "FrameStreamError";
  readonly code: number | string;
  readonly retryable: boolean;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(message: string, code: number | string, retryable = false, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
  }
}

/** A credential that was refused for good: sign in again. */
export function isAuthError(code: number | string): boolean {
  return code === 4001 || code === 4003;
}
