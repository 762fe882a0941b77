/** A time limit for an asynchronous call. */
import type { Clock } from "./environment.ts";
/** Also limits a call that throws synchronously, or ignores the signal. */
export declare function within<T>(ms: number, { after }: Clock, act: (signal: AbortSignal) => T | PromiseLike<T>): Promise<T>;
