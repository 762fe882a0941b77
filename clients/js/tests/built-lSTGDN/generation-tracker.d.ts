/** Tracks one generation: applies its messages, and fetches from the server what the socket does not bring. */
import { FrameStreamError } from "./errors.ts";
import type { Http } from "./http.ts";
import type { ContextSeen, GenerationMessage, Status, Usage } from "./messages.ts";
import { type AnswerPart } from "./parts.ts";
import { type RetryEnvironment } from "./retry.ts";
export interface Result {
    /** null if it was cancelled before the server accepted it. */
    generationId: string | null;
    /** A cancelled answer keeps its text. */
    status: "completed" | "cancelled";
    text: string;
    /** The text, and what came before, within and after it: reasoning, sources, data. */
    parts: readonly AnswerPart[];
    /** The model that answered. */
    model: string | null;
    finishReason: string | null;
    usage: Usage | null;
    /** Millionths of a dollar; null if the model has no price. */
    cost: number | null;
    /** What the model saw of the conversation before the question. */
    context: ContextSeen | null;
}
/** How an answer stands. */
export interface Step {
    /** With a higher attempt the answer starts again. */
    readonly attempt: number;
    readonly text: string;
    /** The text, and what came before, within and after it. */
    readonly parts: readonly AnswerPart[];
}
/** What a tracker needs from its client. */
export interface TrackerHost {
    http: Http;
    environment: RetryEnvironment;
    /** Milliseconds without a message about an unfinished answer, after which it is fetched: with a socket, and without. */
    stallTimeout: number;
    pollInterval: number;
    /** A socket is open. */
    isConnected(): boolean;
    /** Pass a message on to the application. */
    notify(update: GenerationMessage): void;
    /** Report that the answer cannot be followed any more. */
    reportError(error: FrameStreamError): void;
    /** Check the socket, which was silent for a while. */
    probe(): void;
}
/** Milliseconds between fetches of missing text, which may not be stored yet: the server stores about once a second. */
export declare const STORING = 700;
export declare class GenerationTracker {
    #private;
    readonly id: string;
    readonly chatId: string;
    readonly result: Promise<Result>;
    /** The message that it answers, once the generation was fetched; null if the server names none. */
    readonly questionId: Promise<string | null>;
    constructor(host: TrackerHost, id: string, chatId: string);
    get status(): Status;
    get text(): string;
    get model(): string | null;
    get attempt(): number;
    get hasEnded(): boolean;
    get parts(): readonly AnswerPart[];
    /** The parts, as far as they are known when so much of the text is shown. */
    partsUpTo(text: string): readonly AnswerPart[];
    texts(): AsyncGenerator<string, void, void>;
    steps(): AsyncGenerator<Step, void, void>;
    receive(message: GenerationMessage): void;
    /** Fetch the generation now. */
    fetch(): Promise<void>;
    /** Fetch the generation unless a message about it arrives in time. */
    watch(): void;
    fail(error: FrameStreamError): void;
}
