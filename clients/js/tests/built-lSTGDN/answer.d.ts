/** An answer's text, put together from pieces that may come twice, overlap, leave a gap or start again. */
export interface Answer {
    readonly attempt: number;
    readonly text: string;
    /** Code points of `text`. */
    readonly length: number;
    /** Code points that this attempt is known to have. More than `length` means that there is a gap. */
    readonly known: number;
}
export interface Piece {
    readonly attempt: number;
    readonly offset: number;
    readonly delta: string;
}
export declare const NOTHING: Answer;
/** A higher attempt voids the text before it; a lower one is ignored. */
export declare function inAttempt(answer: Answer, attempt: number): Answer;
/** Add a piece. Text beyond a gap is not kept: the fetch that fills the gap repeats it. */
export declare function merge(before: Answer, piece: Piece): Answer;
export declare function hasGap(answer: Answer): boolean;
