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
}

/** A cancellation was accepted; the status is the one right now. */
export interface Cancelling {
  timestamp: string;
  generation_id: string;
  user_id: string;
  chat_id: string;
  status: "queued" | "processing" | "completed" | "failed" | "cancelled";
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
  code: "llm_rate_limited" | "llm_unavailable" | "llm_timeout" | "llm_rejected" | "llm_incomplete" | "content_filtered" | "context_too_long" | "budget_exceeded" | "expired" | "worker_lost" | "internal" | null;
  retryable: boolean | null;
  created_at: string;
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
  code: "llm_rate_limited" | "llm_unavailable" | "llm_timeout" | "llm_rejected" | "llm_incomplete" | "content_filtered" | "context_too_long" | "budget_exceeded" | "expired" | "worker_lost" | "internal";
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
  code: 4000 | 4001 | 4003 | 4429 | 1013 | "malformed" | "origin_required" | "not_found" | "method_not_allowed" | "prompt_too_large" | "unsupported_media_type" | "invalid" | "idempotency_key_reused" | "rate_limited" | "too_many_at_once";
  /** Each field and its rule, with `invalid`. */
  errors?: Complaint[];
  /** The methods that exist, with `method_not_allowed`. */
  allowed?: string[];
  /** Seconds until asking again may help, with `rate_limited` and `too_many_at_once`. */
  retry_after?: number;
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
  model: string;
  finish_reason: string | null;
  usage: Usage | null;
  /** Unicode code points of the answer. */
  length: number;
}

/** A piece of the answer's text. */
export interface StreamingFrame {
  status: "streaming";
  delta: string;
  /** Unicode code points of this attempt's text before `delta`. */
  offset: number;
  progress: "indeterminate";
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

/** Tokens, as the model's provider counted them. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export type GenerationMessage =
  | LlmStatus
  | LlmFrame
  | LlmResponse
  | LlmError;

export type SystemMessage =
  | SystemConnected
  | SystemAlive
  | SystemClosing
  | SystemRejected
  | SystemRateLimited;

export type Message =
  | LlmStatus
  | LlmFrame
  | LlmResponse
  | LlmError
  | SystemConnected
  | SystemAlive
  | SystemClosing
  | SystemRejected
  | SystemRateLimited
  | Pong;

export type ClientMessage =
  | Ping
  | Heartbeat;

/** The types of the messages about a generation. */
export const GENERATION_TYPES: readonly string[] = ["llm_status", "llm_frame", "llm_response", "llm_error"];
