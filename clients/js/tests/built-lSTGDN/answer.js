/** An answer's text, put together from pieces that may come twice, overlap, leave a gap or start again. */
import { lengthOf, without } from "./codepoints.js";
export const NOTHING = { attempt: 0, text: "", length: 0, known: 0 };
/** A higher attempt voids the text before it; a lower one is ignored. */
export function inAttempt(answer, attempt) {
    return attempt > answer.attempt ? { ...NOTHING, attempt } : answer;
}
/** Add a piece. Text beyond a gap is not kept: the fetch that fills the gap repeats it. */
export function merge(before, piece) {
    const answer = inAttempt(before, piece.attempt);
    if (piece.attempt < answer.attempt)
        return answer;
    const end = piece.offset + lengthOf(piece.delta);
    const known = Math.max(answer.known, end);
    if (piece.offset > answer.length || end <= answer.length)
        return { ...answer, known };
    const text = answer.text + without(piece.delta, answer.length - piece.offset);
    return { ...answer, text, length: end, known };
}
export function hasGap(answer) {
    return answer.length < answer.known;
}
