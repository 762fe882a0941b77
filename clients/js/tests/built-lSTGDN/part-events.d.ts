/** An answer as events, for protocols whose streams only go on: a part begins, grows and ends. */
import type { Generation } from "./generation.ts";
import type { AnswerPart, TextualPart } from "./parts.ts";
export type PartEvent = 
/** Text or reasoning begins. */
{
    readonly type: "begin";
    readonly part: TextualPart;
}
/** There is more of it. */
 | {
    readonly type: "delta";
    readonly part: TextualPart;
    readonly delta: string;
} | {
    readonly type: "end";
    readonly part: TextualPart;
}
/** A source, or data. */
 | {
    readonly type: "whole";
    readonly part: Exclude<AnswerPart, TextualPart>;
}
/** Everything until here is void: the model is asked again, or something before it was missing. */
 | {
    readonly type: "void";
    readonly attempt: number;
};
/** The events of an answer from its start; throws if it fails, after the end of the last part. */
export declare function partEvents(generation: Generation): AsyncGenerator<PartEvent, void, void>;
