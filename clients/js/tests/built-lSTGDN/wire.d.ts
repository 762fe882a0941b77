/**
 * The types of the wire contract: messages of the socket, and bodies of the HTTP API.
 *
 * Generated from functions/shared/wire by `python -m tools.api_docs --write`. Do not edit.
 */
/** A prompt was accepted: it will end as completed, failed or cancelled. */
export interface Accepted {
    timestamp: string;
    generation_id: string;
    user_id: string;
    chat_id: string;
    status: "queued";
    /** The question. */
    message_id?: string;
    /** The answer that the question follows; null for the first question of a chat. */
    parent_id?: string | null;
    /** The version of the chat that the acceptance made. */
    chat_version?: number;
    /** Whether it waits in the chat's queue for the answer that is being made. */
    waits?: boolean;
    /** How many prompts were before it in the queue then; null if it does not wait, or no longer does. */
    position?: number | null;
    /** Whether with it four fifths of the user's budget for the day or month are used or held. */
    budget_warning?: boolean;
}
/** An attachment that may be uploaded. */
export interface AttachmentOffered {
    attachment_id: string;
    upload: Upload;
    /** Seconds that the form may be used for. */
    expires_in: number;
}
/** The body that asks for a place to upload to. Fields that are not listed are ignored. */
export interface AttachmentRequest {
    /** As its user calls it; the model is told so. */
    name: string;
    media_type: "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "application/pdf" | "text/plain" | "text/markdown" | "text/csv";
    /** Bytes; exactly so many must be uploaded. */
    size: number;
}
/** An attachment that was uploaded, and where its content is to be had without a token. */
export interface AttachmentShown {
    attachment_id: string;
    name: string;
    media_type: string;
    /** Bytes. */
    size: number;
    url: string;
    /** Seconds that the address is good for. */
    expires_in: number;
}
/** A cancellation was accepted; the status is the one right now. */
export interface Cancelling {
    timestamp: string;
    generation_id: string;
    user_id: string;
    chat_id: string;
    status: "queued" | "processing" | "completed" | "failed" | "cancelled";
}
/** A chat, without its messages. */
export interface Chat {
    chat_id: string;
    /** The beginning of the first question, until it gets another. */
    title: string;
    /** Grows with each change of the chat. */
    version: number;
    created_at: string;
    updated_at: string;
    /** The answer that ended last; null before any has. A question without a parent follows it. */
    leaf_id: string | null;
    /** The answer that is being made. */
    running: string | null;
    /** How many prompts wait for their turn. */
    waiting: number;
}
/** A chat and all of its questions and answers are deleted. */
export interface ChatDeleted {
    timestamp: string;
    chat_id: string;
    version: number;
}
/** A chat changed. Each version of a chat is told by one of these, or by an answer's last status. */
export interface ChatEvent {
    timestamp: string;
    type: "chat_message";
    user_id: string;
    chat_id: string;
    /** The chat's version that the change made. If one in between is missing, ask for the messages since. */
    version: number;
    /** `prompt`: a question is being answered; `regenerate`: one is being answered anew. */
    event: "prompt" | "regenerate" | "queued" | "queue_edited" | "unqueued" | "queue_resumed" | "title" | "deleted";
    /** The question. */
    message_id: string | null;
    /** The answer that the question follows; null for the first question of a chat. */
    parent_id: string | null;
    /** The answer to come, or the waiting prompt. */
    generation_id: string | null;
    /** The question, or the waiting prompt; null if it does not fit into a message. */
    text: string | null;
    title: string | null;
    /** How many prompts wait before this one, with `queued` and `queue_edited`. */
    position?: number | null;
    /** What the question was asked with, if anything; with `prompt`. */
    attachments?: string[];
}
/** A question or an answer. `status` and what follows stand with answers only. */
export interface ChatMessage {
    /** Of an answer: its generation's id. */
    message_id: string;
    /** What it follows: a question an answer, or nothing (null); an answer its question. */
    parent_id: string | null;
    /** The chat's version that it made. */
    number: number;
    role: "user" | "assistant";
    /** Null for an answer whose text is kept no longer, or too long for a reply: read the generation then. */
    text: string | null;
    /** The answer, or the one that the question was asked with. */
    generation_id: string;
    created_at: string;
    /** What the question was sent with, if anything. */
    attachments?: string[];
    /** The text of an answer that was cancelled is a part of one. */
    status?: "queued" | "processing" | "completed" | "failed" | "cancelled";
    attempt?: number;
    model?: string;
    finish_reason?: string | null;
    usage?: Usage | null;
    cost?: number | null;
    context?: ContextSeen | null;
    /** The model that has answered, if it is not `model`, which was asked for and was not available. */
    answered_by?: string;
    /** A sentence for people, if it failed. */
    error?: string | null;
    code?: "llm_rate_limited" | "llm_unavailable" | "llm_timeout" | "llm_rejected" | "llm_incomplete" | "content_filtered" | "invalid_output" | "context_too_long" | "budget_exceeded" | "expired" | "worker_lost" | "internal" | null;
    retryable?: boolean | null;
    /** If an answer has parts beside its text: `GET /api/chat/generations/{id}` gives them. */
    has_parts?: true;
}
/** A chat and its messages by their numbers, the lowest first. */
export interface ChatMessages {
    timestamp: string;
    chat: Chat;
    queue: ChatQueue;
    messages: ChatMessage[];
    /** Give it as `since` for what follows, or for what will have changed later. */
    next_since: number;
    /** Whether more messages follow right now. */
    has_more: boolean;
}
/** The prompts of a chat that wait, in their order. */
export interface ChatQueue {
    /** Whether the next one waits to be resumed, because an answer was stopped. */
    is_paused: boolean;
    waiting: WaitingPrompt[];
}
/** The queue after a change. */
export interface ChatQueueChanged {
    /** Whether the next one waits to be resumed, because an answer was stopped. */
    is_paused: boolean;
    waiting: WaitingPrompt[];
    timestamp: string;
    chat_version: number;
}
/** Some of the user's chats, the one that changed last first. */
export interface Chats {
    timestamp: string;
    user_id: string;
    chats: Chat[];
    /** Give it as `before` for those that follow; null if these are the last. */
    next: string | null;
}
/** One field that is not as it must be. */
export interface Complaint {
    field: string;
    message: string;
}
/** The user's open sockets, the oldest first. */
export interface Connections {
    timestamp: string;
    user_id: string;
    connections: OpenConnection[];
    /** How many a user may have. */
    maximum: number;
}
/** Sockets that were closed. */
export interface ConnectionsClosed {
    timestamp: string;
    user_id: string;
    /** Their connection ids. */
    closed: string[];
}
/** What the model saw of the conversation before the question. */
export interface ContextSeen {
    /** Questions with their answers, word for word. */
    turns: number;
    /** Turns before these, of which it saw a summary. */
    summarised: number;
    /** Turns of which it saw nothing: they did not fit. */
    dropped: number;
}
/** An answer that API Gateway gives by itself. */
export interface GatewayMessage {
    message: string;
}
/** The body of `POST /api/chat/generate-response`. Fields that are not listed are ignored. */
export interface GenerateRequest {
    user_id: string;
    chat_id: string;
    prompt: string;
    model?: string | null;
    /** The answer that the prompt follows, or `root`; without it, the last one of the chat. */
    parent_id?: string | null;
    /** What to do if an answer of the chat is being made; `reject` unless it says so. */
    on_busy?: "reject" | "queue" | "interrupt" | null;
    /** What to do if `parent_id` is not the last answer any more; `fork` unless it says so. */
    on_stale?: "fork" | "reject" | null;
    /** The form in which the answer is wanted; without it, any text. */
    response_format?: JsonObjectFormat | JsonSchemaFormat | null;
    /** Attachments of this chat that were uploaded: the model is given them with the prompt. */
    attachments?: string[] | null;
}
/** A generation, with its text from `offset` on. */
export interface GenerationState {
    timestamp: string;
    generation_id: string;
    user_id: string;
    chat_id: string;
    status: "queued" | "processing" | "completed" | "failed" | "cancelled";
    /** The attempt that `text` belongs to; 0 before the first one began. */
    attempt: number;
    /** Unicode code points of this attempt's text before `text`. */
    offset: number;
    text: string;
    /** Where `text` ends: the offset to go on from. */
    next_offset: number;
    /** Whether more is stored than one reply may carry: ask again with `next_offset` and this `attempt`. */
    has_more: boolean;
    /** Unicode code points that are stored so far, from offset 0. */
    length: number;
    model: string;
    finish_reason: string | null;
    usage: Usage | null;
    /** A sentence for people, once failed. */
    error: string | null;
    code: "llm_rate_limited" | "llm_unavailable" | "llm_timeout" | "llm_rejected" | "llm_incomplete" | "content_filtered" | "invalid_output" | "context_too_long" | "budget_exceeded" | "expired" | "worker_lost" | "internal" | null;
    retryable: boolean | null;
    created_at: string;
    /** The question; null for an answer of an older release. */
    parent_message_id?: string | null;
    /** The version of the chat that its acceptance made or, once it has ended, its end. */
    chat_version?: number | null;
    /** Whether it waits in the chat's queue. */
    waits?: boolean;
    /** Millionths of a dollar; null before the end, and if the model has no price. */
    cost?: number | null;
    /** What the model saw of the conversation, once it has ended. */
    context?: ContextSeen | null;
    /** The model that has answered, if it is not `model`, which was asked for and was not available. */
    answered_by?: string;
    /** All parts of this attempt in their order, whatever `offset` is; only if there are others than text. */
    parts?: (TextPart | StoredPart)[];
}
/** The function runs. */
export interface Health {
    timestamp: string;
    status: "ok";
}
/** A keep-alive. Other fields are ignored. */
export interface Heartbeat {
    type: "heartbeat";
}
/** Any JSON object. */
export interface JsonObjectFormat {
    type: "json_object";
}
/** A JSON Schema for an answer. */
export interface JsonSchema {
    name: string;
    /** Of its `$schema`, or of draft 2020-12. References lead to places in it; patterns do not look around. */
    schema: Record<string, unknown>;
    description?: string | null;
    /** Whether the provider is asked to let the model write nothing else; not all can. */
    strict?: boolean | null;
}
/** JSON that is valid under a schema. 16 KB at most. */
export interface JsonSchemaFormat {
    type: "json_schema";
    json_schema: JsonSchema;
}
/** An answer could not be given. */
export interface LlmError {
    timestamp: string;
    user_id: string;
    chat_id: string;
    generation_id: string;
    /** A higher attempt voids the text of the lower ones. */
    attempt: number;
    type: "llm_error";
    /** A sentence for people. */
    error: string;
    code: "llm_rate_limited" | "llm_unavailable" | "llm_timeout" | "llm_rejected" | "llm_incomplete" | "content_filtered" | "invalid_output" | "context_too_long" | "budget_exceeded" | "expired" | "worker_lost" | "internal";
    /** Whether asking again may help. */
    retryable: boolean;
}
/** A piece of the answer, or the news that there is none yet. */
export interface LlmFrame {
    timestamp: string;
    user_id: string;
    chat_id: string;
    generation_id: string;
    /** A higher attempt voids the text of the lower ones. */
    attempt: number;
    type: "llm_frame";
    frame: ThinkingFrame | StreamingFrame;
}
/** A piece of what belongs to an answer beside its text. */
export interface LlmPart {
    timestamp: string;
    user_id: string;
    chat_id: string;
    generation_id: string;
    /** A higher attempt voids the text of the lower ones. */
    attempt: number;
    type: "llm_part";
    part: PartDelta;
}
/** An answer is complete. */
export interface LlmResponse {
    timestamp: string;
    user_id: string;
    chat_id: string;
    generation_id: string;
    /** A higher attempt voids the text of the lower ones. */
    attempt: number;
    type: "llm_response";
    data: ResponseData;
}
/** How far an answer is. */
export interface LlmStatus {
    timestamp: string;
    user_id: string;
    chat_id: string;
    generation_id: string;
    /** A higher attempt voids the text of the lower ones. */
    attempt: number;
    type: "llm_status";
    status: "queued" | "started" | "processing" | "thinking" | "streaming" | "completed" | "failed" | "cancelled";
    /** For people. */
    message: string;
    /** With the last status of an answer: the version of the chat that its end made. */
    chat_version?: number;
}
/** A model that a prompt may name. */
export interface Model {
    name: string;
    /** Whether it answers prompts that name none. */
    is_default: boolean;
    /** How many tokens a prompt may take with earlier turns and its answer; null if that is not told. */
    context_tokens: number | null;
    /** How many tokens an answer may have; null if it is not limited. */
    output_tokens: number | null;
    /** Null if it is not known. */
    price: ModelPrice | null;
    /** What a prompt may hold: `text`, and perhaps `image` and `file`; ignore others. */
    accepts: string[];
    /** Whether its server keeps to a JSON Schema; otherwise the answer is only checked. */
    structured_output: boolean;
}
/** Millionths of a dollar for a million tokens. */
export interface ModelPrice {
    input: number;
    cached_input: number;
    output: number;
}
/** The models that a prompt may name. */
export interface Models {
    timestamp: string;
    models: Model[];
    /** The one that answers prompts that name none. */
    default: string;
}
/** A socket. */
export interface OpenConnection {
    connection_id: string;
    /** The page that opened it; null for a client that is no page. */
    origin: string | null;
    connected_at: string;
    /** When it is closed at the latest. */
    expires_at: string;
}
/** A piece of a part. An answer is a list of parts; the text between two others is one of them. */
export interface PartDelta {
    /** Its place among the answer's parts, those of text counted too. */
    index: number;
    /** Reasoning is text; sources and data are JSON documents. Ignore a kind that you do not know. */
    kind: "reasoning" | "source" | "data";
    /** A document comes whole: of a source `{"url", "title"?, "snippet"?}`, of data `{"name", "value"}`. */
    delta: string;
    /** Unicode code points of this part before `delta`. */
    offset: number;
    /** Unicode code points of the answer's text before this part. */
    text_offset: number;
}
/** What one user has used in a day or month, what is held for answers under way, and the limits. */
export interface Period {
    /** Such as `2026-11-27` or `2026-11`, in UTC. */
    period: string;
    used_tokens: number;
    held_tokens: number;
    limit_tokens: number | null;
    /** Millionths of a dollar, as are all costs. */
    used_cost: number;
    held_cost: number;
    limit_cost: number | null;
    resets_at: string;
    /** Whether four fifths of a limit are used or held. */
    is_warned: boolean;
}
/** A keep-alive. Other fields are ignored. */
export interface Ping {
    type: "ping";
}
/** The answer to a ping. */
export interface Pong {
    timestamp: string;
    type: "pong";
}
/** An error (RFC 9457). */
export interface ProblemDetails {
    type: string;
    title: string;
    status: number;
    /** A sentence for people. */
    detail: string;
    /** A number with the meaning of a close code of the socket, or a word. */
    code: 4000 | 4001 | 4003 | 4429 | 1013 | "malformed" | "origin_required" | "not_found" | "method_not_allowed" | "prompt_too_large" | "unsupported_media_type" | "invalid" | "idempotency_key_reused" | "busy" | "stale_parent" | "rate_limited" | "too_many_at_once" | "budget_exceeded";
    /** Each field and its rule, with `invalid`. */
    errors?: Complaint[];
    /** The methods that exist, with `method_not_allowed`. */
    allowed?: string[];
    /** Seconds until asking again may help, with `rate_limited`, `too_many_at_once` and `budget_exceeded`. */
    retry_after?: number;
    /** The answer that is being made, with `busy`. */
    generation_id?: string;
    /** The chat's version, with `stale_parent`. */
    chat_version?: number;
    /** When the budget begins anew, with `budget_exceeded`. */
    resets_at?: string;
    /** Which limit, with `budget_exceeded`. */
    limit?: string;
}
/** The body that changes a prompt that waits. */
export interface PromptChange {
    prompt: string;
}
/** The body of `POST /api/chat/generations/{id}/regenerate`. Fields that are not listed are ignored. */
export interface RegenerateRequest {
    user_id: string;
    /** Without it, the model of the answer before. */
    model?: string | null;
    /** What to do if an answer of the chat is being made; `reject` unless it says so. */
    on_busy?: "reject" | "queue" | "interrupt" | null;
}
/** The whole answer. */
export interface ResponseData {
    timestamp: string;
    event: "response_generated";
    user_id: string;
    chat_id: string;
    generation_id: string;
    /** Null if it does not fit into one message; the frames, or the HTTP call, brought it then. */
    response: string | null;
    /** The model that has answered. */
    model: string;
    finish_reason: string | null;
    usage: Usage | null;
    /** Unicode code points of the answer. */
    length: number;
    /** Millionths of a dollar; null if the model has no price. */
    cost?: number | null;
    /** Null, or not there, if the prompt stood alone. */
    context?: ContextSeen | null;
    /** There if the answer to the POST said so. */
    budget_warning?: boolean;
}
/** A part of an answer other than its text, as far as it is stored. */
export interface StoredPart {
    /** Its place among the answer's parts. */
    index: number;
    kind: "reasoning" | "source" | "data";
    /** Unicode code points of the answer's text before it. */
    text_offset: number;
    /** The reasoning, or a JSON document. Null if it is not kept, or too large for a reply. */
    text: string | null;
}
/** A piece of the answer's text. */
export interface StreamingFrame {
    status: "streaming";
    delta: string;
    /** Unicode code points of this attempt's text before `delta`. */
    offset: number;
    progress: "indeterminate";
    /** The model that answers, if the one that was asked for was not available. */
    model?: string;
}
/** The answer to a heartbeat. */
export interface SystemAlive {
    timestamp: string;
    type: "system";
    /** For people. */
    message: string;
    status: "alive";
}
/** The server is about to close this connection, with 1000: API Gateway has no other code for it. */
export interface SystemClosing {
    timestamp: string;
    type: "system";
    /** For people. */
    message: string;
    status: "closing";
    code: 4001 | 4429 | 1000;
}
/** The answer to the first keep-alive. */
export interface SystemConnected {
    timestamp: string;
    type: "system";
    /** For people. */
    message: string;
    status: "connected";
    connection_id: string;
    /** When the server ends this connection at the latest. */
    expires_at: string;
}
/** Too many messages in this minute. */
export interface SystemRateLimited {
    timestamp: string;
    type: "system";
    /** For people. */
    message: string;
    status: "rate_limited";
    code: 4429;
}
/** A message was not carried out; also the body of a refused handshake. */
export interface SystemRejected {
    timestamp: string;
    type: "system";
    /** For people. */
    message: string;
    status: "rejected";
    code: 4000 | 4001 | 4003 | 4429 | 1013;
}
/** A stretch of the answer's text, which stands in `text`. */
export interface TextPart {
    /** Its place among the answer's parts. */
    index: number;
    kind: "text";
    /** Where it begins, in Unicode code points of the answer's text. */
    text_offset: number;
    /** Unicode code points. */
    length: number;
}
/** The model was asked and has not begun to answer. */
export interface ThinkingFrame {
    status: "thinking";
    message: string;
    progress: "indeterminate";
}
/** A ticket opens one socket, from the same origin, for the same user. */
export interface TicketIssued {
    ticket: string;
    /** Seconds. */
    expires_in: number;
    /** Where to open the socket, with `?ticket=`. */
    websocket_url: string;
}
/** The body that renames a chat. It is kept as it is written. */
export interface TitleChange {
    title: string;
}
/** A form of several parts (multipart/form-data): all fields, and then the content as `file`. */
export interface Upload {
    url: string;
    fields: Record<string, unknown>;
}
/** Tokens, as the model's provider counted them. */
export interface Usage {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    /** How many of the prompt's tokens the provider had in its cache, if it says so. */
    cached_tokens?: number;
    /** How many of the completion's tokens were reasoning, if the provider says so. */
    reasoning_tokens?: number;
}
/** What the user has used today and this month. */
export interface UserUsage {
    timestamp: string;
    user_id: string;
    day: Period;
    month: Period;
}
/** A prompt that waits until the chat is free. */
export interface WaitingPrompt {
    generation_id: string;
    /** Null if an answer is to be made anew, or if it is too long for a reply beside the others. */
    prompt: string | null;
    created_at: string;
}
export type GenerationMessage = LlmStatus | LlmFrame | LlmPart | LlmResponse | LlmError;
export type SystemMessage = SystemConnected | SystemAlive | SystemClosing | SystemRejected | SystemRateLimited;
export type Message = LlmStatus | LlmFrame | LlmPart | LlmResponse | LlmError | ChatEvent | SystemConnected | SystemAlive | SystemClosing | SystemRejected | SystemRateLimited | Pong;
export type ClientMessage = Ping | Heartbeat;
/** The types of the messages about a generation. */
export declare const GENERATION_TYPES: readonly string[];
