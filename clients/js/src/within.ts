/** A time limit for what may never answer. */

import type { Clock } from "./environment.ts";

/** Also an act that throws at once, or takes no notice of the signal, ends in time. */
export function within<T>(
  ms: number,
  { after }: Clock,
  act: (signal: AbortSignal) => T | PromiseLike<T>,
): Promise<T> {
  const limit = new AbortController();
  return new Promise((resolve, reject) => {
    const stop = after(ms, () => {
      reject(new Error(`no answer within ${ms / 1000} s`));
      limit.abort();
    });
    new Promise<T>((settle) => settle(act(limit.signal))).then(resolve, reject).finally(stop);
  });
}
