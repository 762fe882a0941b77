/** Keeps what has not changed, so that a page renders only what has. */
/** The items, each replaced by the one before that is equal to it; the former array if nothing changed. */
export declare function reused<T extends {
    readonly id: string;
}>(before: readonly T[], now: readonly T[]): readonly T[];
