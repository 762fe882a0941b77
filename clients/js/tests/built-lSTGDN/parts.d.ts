/** An answer's parts: those beside its text are put together like the text, and all of them are put in order. */
import { type Answer } from "./answer.ts";
import type { PartDelta } from "./wire.ts";
/** A part of an answer. Reasoning, sources and data may come before, within and after its text. */
export type AnswerPart = TextualPart | SourcePart | DataPart;
export interface TextualPart {
    /** Its place among the parts of the answer. */
    readonly index: number;
    readonly kind: "text" | "reasoning";
    /** All of it so far. */
    readonly text: string;
}
export interface SourcePart {
    readonly index: number;
    readonly kind: "source";
    /** As the model gave it: check what kind of address it is before you make a link of it. */
    readonly url: string;
    readonly title: string | null;
    readonly snippet: string | null;
}
export interface DataPart {
    readonly index: number;
    readonly kind: "data";
    readonly name: string;
    readonly value: unknown;
}
/** A part beside the text, as far as it was received. */
interface Received {
    readonly index: number;
    readonly kind: string;
    /** Code points of the answer's text before it. */
    readonly textOffset: number;
    readonly content: Answer;
    /** null for a part of an unknown kind, and for one that says nothing. */
    readonly shown: AnswerPart | null;
}
export interface Parts {
    /** By their index. */
    readonly received: readonly Received[];
    /** How many stored generations did not have what is missing. */
    readonly misses: number;
}
export declare const NO_PARTS: Parts;
/** Add a piece of a part; the same parts if it adds nothing. */
export declare function mergePart(before: Parts, { index, kind, delta, offset, text_offset }: PartDelta): Parts;
/** What was received of the part with this index. */
export declare function contentOf({ received }: Parts, index: number): Answer;
/** A stored generation has this part without its text, so that no more of it will come from there. */
export declare function withoutText(before: Parts, { index, kind, text_offset }: Omit<PartDelta, "delta">): Parts;
/** A stored generation was applied. */
export declare function afterSnapshot(parts: Parts): Parts;
/** Nothing is missing, whatever it looks like. */
export declare function settled(parts: Parts): Parts;
/** Something exists on the server that did not arrive. */
export declare function isMissingPart({ received, misses }: Parts): boolean;
/** The parts in their order, up to the first that does not join; and then the rest of the text. */
export declare function inOrder(text: string, parts: Parts): AnswerPart[];
export {};
