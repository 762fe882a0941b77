/** Retries: exponential backoff with full jitter, and the loop that repeats a call until it succeeds. */

import { retryPolicyOf } from "./codes.ts";
import type { Environment } from "./environment.ts";
import type { FrameStreamError } from "./errors.ts";

export interface Backoff {
  /** Milliseconds; the longest first pause. 500 unless set. */
  base: number;
  /** Milliseconds; the longest pause while an answer is awaited. 30,000 unless set. */
  cap: number;
}

export interface Reconnect extends Backoff {
  /** Milliseconds; the longest pause while no answer is awaited. 60,000 unless set. */
  idleCap: number;
  /**
   * Milliseconds between attempts while the user holds too many sockets, times a random 0.75 to 1.25. 15,000 unless
   * set.
   */
  pauseWhenFull: number;
  /** Milliseconds; the upper bound on `Retry-After`. 60,000 unless set. */
  longestRetryAfter: number;
}

export type RetryEnvironment = Environment & Reconnect;

/** Attempts at a call during which the server's function fails. */
export const FEW_ATTEMPTS = 5;
/** Attempts at a call for which the application gives no token; each may take the whole `tokenTimeout`. */
const TOKEN_ATTEMPTS = 3;

/**
 * Milliseconds to wait after the given number of failures (1 for the first); `random` is from [0, 1). The full jitter
 * keeps many clients from returning at the same moment.
 */
export function backoff(failures: number, { base, cap }: Backoff, random: number): number {
  return random * Math.min(cap, base * 2 ** (Math.max(1, failures) - 1));
}

/** Repeat a call while its failure may pass. Only for idempotent calls: an unanswered one may have been carried out. */
export async function retry<T>(
  call: () => Promise<T>,
  environment: RetryEnvironment,
  { signal }: { signal?: AbortSignal } = {},
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (thrown) {
      const error = thrown as FrameStreamError;
      if (!environment.page.online()) failures = 1;
      const ms = pauseAfter(error, failures, environment);
      if (signal?.aborted || ms === null) throw error;
      await pause(error, ms, environment, signal);
      if (signal?.aborted) throw error;
    }
  }
}

/** Milliseconds until a call is repeated that failed so often in a row; null if it is not. */
export function pauseAfter(
  error: FrameStreamError,
  failures: number,
  environment: RetryEnvironment,
): number | null {
  if (!error.retryable || failures >= attemptsAfter(error)) return null;
  const { page, random, idleCap, longestRetryAfter } = environment;
  const ms = page.online() ? backoff(failures, environment, random()) : idleCap;
  return Math.max(ms, Math.min(error.retryAfter ?? 0, longestRetryAfter));
}

function attemptsAfter({ code, status = 0 }: FrameStreamError): number {
  if (code === "no_token") return TOKEN_ATTEMPTS;
  return retryPolicyOf(status) === "few" ? FEW_ATTEMPTS : Infinity;
}

/** Wait for `ms`, or until the page is online or visible again, unless the server asked to wait. */
function pause(
  { retryAfter = 0 }: FrameStreamError,
  ms: number,
  { clock, page }: RetryEnvironment,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stopTimer();
      stopWake?.();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const stopTimer = clock.after(ms, done);
    const stopWake = retryAfter ? null : page.onWake(done);
    signal?.addEventListener("abort", done);
  });
}
