/** A transport for `useChat` of the Vercel AI SDK, with stop, resume, edits and regeneration. */
import type { ChatTransport, UIMessage, UIMessageChunk } from "ai";
import type { FrameStreamClient } from "./client.ts";
import type { OnBusy } from "./http.ts";
import { type Memory } from "./memory.ts";
export type { Memory } from "./memory.ts";
export interface TransportOptions<M extends UIMessage> {
    client: FrameStreamClient;
    /** The prompt for these messages, as the server keeps the earlier ones itself; unless set, the text of the last message of the user. */
    promptFrom?: (messages: M[]) => string;
    /** The storage for the id of the answer that a chat waits for: unless set, localStorage; null for none. */
    memory?: Memory | null;
    /** What happens to a prompt while its chat has a running answer: `reject` unless set, `queue` or `interrupt`. */
    onBusy?: OnBusy;
}
type Sending<M extends UIMessage> = Parameters<ChatTransport<M>["sendMessages"]>[0];
type Resuming<M extends UIMessage> = Parameters<ChatTransport<M>["reconnectToStream"]>[0];
/** The messages of a chat, as the server has them: for the option `messages` of `useChat` or `Chat`. */
export declare function historyOf(client: FrameStreamClient, chatId: string): Promise<UIMessage[]>;
export declare class FrameStreamChatTransport<M extends UIMessage = UIMessage> implements ChatTransport<M> {
    #private;
    /** A resumed answer streams from its start. */
    readonly resumeStreamIsReplay = true;
    constructor({ client, promptFrom, memory, onBusy }: TransportOptions<M>);
    /** The request's `body` may have `model` and `responseFormat`. The files of a new question are uploaded before it is asked. */
    readonly sendMessages: (sending: Sending<M>) => Promise<ReadableStream<UIMessageChunk>>;
    /** Resumes the answer that the page waited for when it was left, or else the running answer of this chat, of any device. */
    readonly reconnectToStream: ({ chatId, abortSignal, }: Resuming<M>) => Promise<ReadableStream<UIMessageChunk> | null>;
}
