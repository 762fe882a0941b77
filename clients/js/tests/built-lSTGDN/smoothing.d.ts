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
export declare const STANDING: Pace;
/**
 * More text arrived: set the rate so that the last of it is shown when the next piece is due. A piece counts as due
 * as late as pieces often are: a little behind is not seen, a pause is. (The estimate is TCP's, RFC 6298.)
 */
export declare function arrived(pace: Pace, now: number, length: number): Pace;
/** Time passed. */
export declare function passed(pace: Pace, ms: number, length: number): Pace;
/** The part of the text that is shown, never ending within a pair of units that make one character. */
export declare function cut(text: string, shown: number): string;
/** The same texts, growing evenly. Give it a generation, which yields its whole text so far. */
export declare function smoothly(texts: AsyncIterable<string>, options?: Smoothing): AsyncGenerator<string, void, void>;
