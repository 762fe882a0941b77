/** Reveals text evenly, so that a frame every 100 ms, or every 2 s, reads like typing. */
export const STANDING = { interval: 100, deviation: 0, arrivedAt: null, shown: 0, rate: 0 };
const SLOWEST = 3_000;
const WEIGHT = 0.25;
/**
 * More text arrived: set the rate so that the last of it is shown when the next piece is due. A piece counts as due
 * as late as pieces often are: a little behind is not seen, a pause is. (The estimate is TCP's, RFC 6298.)
 */
export function arrived(pace, now, length) {
    const measured = pace.arrivedAt === null ? pace.interval : Math.min(now - pace.arrivedAt, SLOWEST);
    const error = measured - pace.interval;
    const interval = pace.interval + WEIGHT * error;
    const deviation = pace.deviation + WEIGHT * (Math.abs(error) - pace.deviation);
    const due = Math.max(interval + 2 * deviation, 1);
    return { ...pace, arrivedAt: now, interval, deviation, rate: (length - pace.shown) / due };
}
/** Time passed. */
export function passed(pace, ms, length) {
    return { ...pace, shown: Math.min(length, pace.shown + pace.rate * ms) };
}
/** The part of the text that is shown, never ending within a pair of units that make one character. */
export function cut(text, shown) {
    const end = Math.floor(shown);
    const isWithinPair = (text.codePointAt(end - 1) ?? 0) > 0xffff;
    return text.slice(0, isWithinPair ? end + 1 : end);
}
/** The same texts, growing evenly. Give it a generation, which yields its whole text so far. */
export async function* smoothly(texts, options = {}) {
    const { reducedMotion = prefersReducedMotion(), tick = soon, now = () => performance.now() } = options;
    if (reducedMotion)
        return yield* texts;
    let pace = STANDING;
    let whole = "";
    let shown = "";
    const source = texts[Symbol.asyncIterator]();
    let coming = null;
    const listen = async () => {
        const { done, value } = await source.next();
        if (done)
            return void (coming = null);
        // A text that does not continue the previous one is a new attempt, so the display starts again.
        pace = arrived(value.startsWith(whole) ? pace : { ...pace, shown: 0 }, now(), value.length);
        whole = value;
        go();
    };
    const go = () => {
        coming = listen();
        coming.catch(() => { }); // It is thrown where it is awaited, after all text is shown.
    };
    go();
    try {
        while (coming || shown !== whole) {
            if (shown === whole)
                await coming;
            const before = now();
            await tick();
            pace = passed(pace, now() - before, whole.length);
            const text = cut(whole, pace.shown);
            if (text !== shown)
                yield (shown = text);
        }
    }
    finally {
        void source.return?.();
    }
}
function prefersReducedMotion() {
    return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
/** About one refresh of the screen. A timer and not an animation frame, which stops in a hidden tab. */
function soon() {
    return new Promise((resolve) => setTimeout(resolve, 16));
}
