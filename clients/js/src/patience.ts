/** Repeating a call whose failure may pass, until it is answered. */

import { pause } from "./backoff.ts";
import { retryPolicyOf } from "./codes.ts";
import type { Reconnect } from "./connection.ts";
import type { Environment } from "./environment.ts";
import type { FrameStreamError } from "./errors.ts";

/** For a call at which the server's function itself fails. */
export const FEW = 5;
/** For one that gets no token from the application; each may take the whole time that it has. */
const FEW_TOKENS = 3;

export type Patience = Environment & Reconnect;

/** Only for calls that may be repeated safely: what was unanswered may have been carried out. */
export async function patiently<T>(
  call: () => Promise<T>,
  around: Patience,
  { signal }: { signal?: AbortSignal } = {},
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (thrown) {
      const error = thrown as FrameStreamError;
      const isOnline = around.page.online();
      if (!isOnline) failures = 1;
      if (signal?.aborted || !error.retryable || failures >= attemptsAt(error)) throw error;
      await rest(error, isOnline ? pause(failures, around, around.random()) : around.idleCap, around, signal);
      if (signal?.aborted) throw error;
    }
  }
}

function attemptsAt({ code, status = 0 }: FrameStreamError): number {
  if (code === "no_token") return FEW_TOKENS;
  return retryPolicyOf(status) === "few" ? FEW : Infinity;
}

/** Wait; not longer than until the page is online or looked at again, unless the server asked for a pause. */
function rest(
  { retryAfter = 0 }: FrameStreamError,
  ms: number,
  { clock, page, longestRetryAfter }: Patience,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      unwake?.();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const stop = clock.after(Math.max(ms, Math.min(retryAfter, longestRetryAfter)), done);
    const unwake = retryAfter ? null : page.onWake(done);
    signal?.addEventListener("abort", done);
  });
}
