/** A time limit for an asynchronous call. */

import type { Clock } from "./environment.ts";

/** Also limits a call that throws synchronously, or ignores the signal. */
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
