/** How long to wait before trying again: exponential, with full jitter, so that many clients do not return at once. */

export interface Backoff {
  /** Milliseconds; the longest first pause. 500 unless said otherwise. */
  base: number;
  /** Milliseconds; the longest pause while an answer is awaited. 30,000 unless said otherwise. */
  cap: number;
}

/** The pause after the given number of failures (1 for the first); `random` is from [0, 1). */
export function pause(failures: number, { base, cap }: Backoff, random: number): number {
  return random * Math.min(cap, base * 2 ** (Math.max(1, failures) - 1));
}
