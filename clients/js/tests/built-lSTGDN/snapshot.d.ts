/** The messages that bring the same as a stored generation. */
import type { GenerationMessage, GenerationState } from "./messages.ts";
export declare function messagesOf(snapshot: GenerationState): GenerationMessage[];
