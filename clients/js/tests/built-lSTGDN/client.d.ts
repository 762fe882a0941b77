/** The client: one socket for all answers of a user, and the calls that request, follow and cancel them. */
/// <reference lib="esnext.disposable" preserve="true" />
import { type AttachOptions } from "./attach.ts";
import { Chats } from "./chats.ts";
import type { Phase } from "./connection.ts";
import { Generation } from "./generation.ts";
import { type Prompt, type Regeneration } from "./http.ts";
import { type Listener } from "./listeners.ts";
import { type AnswerPart } from "./parts.ts";
import { type Settings } from "./options.ts";
import { type RetryEnvironment } from "./retry.ts";
import type { AttachmentShown, Models } from "./wire.ts";
export interface ClientOptions extends Settings, Listener {
}
export interface GenerateOptions extends Prompt, SubmissionOptions {
}
export interface RegenerateOptions extends Regeneration, SubmissionOptions {
    /** The chat of the answer; an application that shows several tells them apart by it. */
    chatId?: string | undefined;
}
export interface SubmissionOptions {
    /** The same key is the same generation, also after a reload; without one, each call is a new one. */
    idempotencyKey?: string | undefined;
    /** Aborting it cancels the generation; before the server accepted it, nothing is sent any more. */
    signal?: AbortSignal | undefined;
}
export interface FollowOptions {
    chatId?: string;
    signal?: AbortSignal;
    /** It begins right now, so the socket brings all of it; otherwise what there is of it is fetched. */
    isNew?: boolean;
}
export declare class FrameStreamClient {
    #private;
    /** The user's chats: list, messages, titles, waiting prompts, usage. */
    readonly chats: Chats;
    /** @internal */
    readonly environment: RetryEnvironment;
    /** `using client = new FrameStreamClient(…)` closes it at the end of the block, where JavaScript supports that. */
    [Symbol.dispose]: () => void;
    constructor(options: ClientOptions);
    get phase(): Phase;
    /** The close code of the last lost or refused socket; null while one is open. */
    get closeCode(): number | null;
    /** Open the socket, to receive answers that were requested elsewhere. `generate` and `follow` open it by themselves. */
    connect(): void;
    /** Close the socket. The server goes on writing answers, and they can be followed later. Closing twice is harmless. */
    close(): void;
    /**
     * Keep the socket open until the returned function is called. After the last such call the socket is closed as soon
     * as no answer is being written, unless `connect` opened it.
     */
    hold(): () => void;
    /** Close the socket if nothing holds it: another client replaces this one. */
    retire(): void;
    /** The answers of a chat that this client requested, followed or received, including ended ones. */
    generations(chatId: string): Generation[];
    /** Call these callbacks from now on, until the returned function is called. */
    listen(listener: Listener): () => void;
    /** Request an answer. Without a network, the prompt waits and is sent once there is one. */
    generate({ signal, idempotencyKey, ...prompt }: GenerateOptions): Generation;
    /** Request another answer to the same question. The earlier one stays beside it. */
    regenerate(generationId: string, { signal, idempotencyKey, chatId, ...options }?: RegenerateOptions): Generation;
    /** Follow an answer that was requested before, by its id: after a reload, for example. */
    follow(generationId: string, { chatId, signal, isNew }?: FollowOptions): Generation;
    /** The models that a prompt may name. */
    models(): Promise<Models>;
    /**
     * Upload an image or a file of a chat, which need not exist yet; its id is for `attachments` of prompts. It is tried
     * again while its failure may pass.
     */
    attach(chatId: string, file: Blob, options?: AttachOptions): Promise<string>;
    /** What an attachment of a chat is, and an address to show it with, good for `expires_in` seconds. */
    attachment(chatId: string, id: string): Promise<AttachmentShown>;
    /** The stored parts of an answer: a message of a chat says whether there are any beside the text. */
    parts(generationId: string): Promise<readonly AnswerPart[]>;
}
