/** Asks for an adapter what its messages ask: a question after an answer, or for another answer to the same question. */
import type { FrameStreamClient, GenerateOptions } from "./client.ts";
import type { Generation } from "./generation.ts";
export interface Asking extends GenerateOptions {
    /** The answer to be given again; null for a new question. */
    again: string | null;
    /** Uploads what a new question is sent with, once it is known to be one. */
    attach?: () => Promise<readonly string[]>;
}
/** The generation once it is accepted. */
export declare function ask(client: FrameStreamClient, asking: Asking): Promise<Generation>;
