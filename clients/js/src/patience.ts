/** Repeating a call whose failure may pass. */

import { pause } from "./backoff.ts";
import type { Environment } from "./environment.ts";
import type { FrameStreamError } from "./errors.ts";

const BACKOFF = { base: 1_000, cap: 15_000 };
const ATTEMPTS = 6;

/** Only for calls that may be repeated safely: what was unanswered may have been carried out. */
export async function patiently<T>(call: () => Promise<T>, { clock, random }: Environment): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      const { retryable, retryAfter } = error as FrameStreamError;
      if (!retryable || failures >= ATTEMPTS) throw error;
      const ms = Math.max(retryAfter ?? 0, pause(failures, BACKOFF, random()));
      await new Promise<void>((resolve) => clock.after(ms, resolve));
    }
  }
}
