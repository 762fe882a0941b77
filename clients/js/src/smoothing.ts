/** Reveals text evenly, so that a frame every 100 ms, or every 2 s, reads like typing. */

export interface Smoothing {
  /** Show everything at once; unless set, the user's `prefers-reduced-motion`. */
  reducedMotion?: boolean;
  /** Resolves when it is time to show more. */
  tick?: () => Promise<void>;
  now?: () => number;
}

/** The measured arrival of the text, and how much of it is shown. */
export interface Pace {
  /** Milliseconds between arrivals, smoothed. */
  readonly interval: number;
  /** How much they vary, in milliseconds, smoothed. */
  readonly deviation: number;
  readonly arrivedAt: number | null;
  /** UTF-16 units; fractions count until they make a whole one. */
  readonly shown: number;
  /** UTF-16 units to show in a millisecond. */
  readonly rate: number;
}

export const STANDING: Pace = { interval: 100, deviation: 0, arrivedAt: null, shown: 0, rate: 0 };

const SLOWEST = 3_000;
const WEIGHT = 0.25;

/**
 * More text arrived: set the rate so that the last of it is shown when the next piece is due. A piece counts as due
 * as late as pieces often are: a little behind is not seen, a pause is. (The estimate is TCP's, RFC 6298.)
 */
export function arrived(pace: Pace, now: number, length: number): Pace {
  const measured = pace.arrivedAt === null ? pace.interval : Math.min(now - pace.arrivedAt, SLOWEST);
  const error = measured - pace.interval;
  const interval = pace.interval + WEIGHT * error;
  const deviation = pace.deviation + WEIGHT * (Math.abs(error) - pace.deviation);
  const due = Math.max(interval + 2 * deviation, 1);
  return { ...pace, arrivedAt: now, interval, deviation, rate: (length - pace.shown) / due };
}

/** Time passed. */
export function passed(pace: Pace, ms: number, length: number): Pace {
  return { ...pace, shown: Math.min(length, pace.shown + pace.rate * ms) };
}

/** The part of the text that is shown, never ending within a pair of units that make one character. */
export function cut(text: string, shown: number): string {
  const end = Math.floor(shown);
  const isWithinPair = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return text.slice(0, isWithinPair ? end + 1 : end);
}

/** The same texts, growing evenly. Give it a generation, which yields its whole text so far. */
export async function* smoothly(
  texts: AsyncIterable<string>,
  options: Smoothing = {},
): AsyncGenerator<string, void, void> {
  const { reducedMotion = prefersReducedMotion(), tick = soon, now = () => performance.now() } = options;
  if (reducedMotion) return yield* texts;
  let pace = STANDING;
  let whole = "";
  let shown = "";
  const source = texts[Symbol.asyncIterator]();
  let coming: Promise<void> | null = null;
  const listen = async (): Promise<void> => {
    const { done, value } = await source.next();
    if (done) return void (coming = null);
    // A text that does not continue the previous one is a new attempt, so the display starts again.
    pace = arrived(value.startsWith(whole) ? pace : { ...pace, shown: 0 }, now(), value.length);
    whole = value;
    go();
  };
  const go = (): void => {
    coming = listen();
    coming.catch(() => {}); // It is thrown where it is awaited, after all text is shown.
  };
  go();
  try {
    while (coming || shown !== whole) {
      if (shown === whole) await coming;
      const before = now();
      await tick();
      pace = passed(pace, now() - before, whole.length);
      const text = cut(whole, pace.shown);
      if (text !== shown) yield (shown = text);
    }
  } finally {
    void source.return?.();
  }
}

function prefersReducedMotion(): boolean {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}

/** About one refresh of the screen. A timer and not an animation frame, which stops in a hidden tab. */
function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 16));
}
