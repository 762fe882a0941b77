/** The calls of the HTTP API, and every way in which they fail as a `FrameStreamError`. */
import type { Environment } from "./environment.ts";
import type { Accepted, Cancelling, GenerationState, TicketIssued } from "./wire.ts";
import type { ResponseFormat } from "./messages.ts";
import { type Tokens } from "./tokens.ts";
/** What happens to a prompt while its chat has a running answer. */
export type OnBusy = "reject" | "queue" | "interrupt";
export interface Regeneration {
    model?: string | undefined;
    /** `reject` unless set: the error's code is `busy`, and its `generationId` names the running answer. */
    onBusy?: OnBusy | undefined;
}
/** What a question is asked with, beside its words. */
export interface Enclosed {
    /** The form in which the answer is wanted: JSON, of any kind or under a schema. Any text unless set. */
    responseFormat?: ResponseFormat | undefined;
    /** The ids that `attach` gave for the same chat. */
    attachments?: readonly string[] | undefined;
}
export interface Prompt extends Regeneration, Enclosed {
    chatId: string;
    prompt: string;
    /** The answer that the prompt follows; `root` to begin the chat anew; unless set, the answer that ended last. */
    parentId?: string | undefined;
    /** If `parentId` is not the last answer any more: `fork` (unless set) or `reject`, with the code `stale_parent`. */
    onStale?: "fork" | "reject" | undefined;
}
export type Method = "GET" | "POST" | "PATCH" | "DELETE";
export interface Http {
    /** Any call that has no method of its own here; `content` is its body. */
    call<T>(method: Method, path: string, field: string, content?: object): Promise<T>;
    ticket(options: {
        freshToken: boolean;
    }): Promise<TicketIssued>;
    /** Once `signal` is aborted, nothing is sent any more; a request under way is completed. */
    submit(prompt: Prompt, key: string, signal?: AbortSignal): Promise<Accepted>;
    regenerate(id: string, options: Regeneration, key: string, signal?: AbortSignal): Promise<Accepted>;
    read(id: string, from: {
        offset: number;
        attempt: number;
    }): Promise<GenerationState>;
    cancel(id: string): Promise<Cancelling>;
}
export interface HttpSettings {
    httpUrl: string;
    userId?: string | undefined;
    origin?: string | undefined;
    requestTimeout: number;
}
export declare function httpApi({ httpUrl, userId, origin, requestTimeout }: HttpSettings, tokens: Tokens, { fetch, clock }: Pick<Environment, "fetch" | "clock">): Http;
