/** Timers with names: starting one again ends the one before. */
import type { Clock } from "./environment.ts";
export declare class Timers {
    #private;
    constructor(clock: Clock);
    has(name: string): boolean;
    after(name: string, ms: number, act: () => void): void;
    stop(...names: string[]): void;
    stopAll(): void;
}
