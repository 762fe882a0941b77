/** The messages of the server on a socket: their types, and parsing. The names are those of the wire. */

export type Status =
  "queued" | "started" | "processing" | "thinking" | "streaming" | "completed" | "failed" | "cancelled";

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** The fields of every message about a generation. */
export interface About {
  user_id: string;
  chat_id: string;
  generation_id: string;
  attempt: number;
  timestamp: string;
}

export interface ThinkingFrame {
  status: "thinking";
  message: string;
  progress: "indeterminate";
}

/** A piece of the answer; `offset` counts Unicode code points of this attempt's text before it. */
export interface StreamingFrame {
  status: "streaming";
  delta: string;
  offset: number;
  progress: "indeterminate";
}

export type Frame = ThinkingFrame | StreamingFrame;

export interface FinalResponse {
  event: "response_generated";
  user_id: string;
  chat_id: string;
  generation_id: string;
  response: string | null;
  model: string;
  finish_reason: string;
  usage: Usage | null;
  length: number;
  timestamp: string;
}

export type StatusMessage = About & { type: "llm_status"; status: Status; message: string };
export type FrameMessage = About & { type: "llm_frame"; frame: Frame };
export type ResponseMessage = About & { type: "llm_response"; data: FinalResponse };
export type ErrorMessage = About & { type: "llm_error"; error: string; code: string; retryable: boolean };
export type GenerationMessage = StatusMessage | FrameMessage | ResponseMessage | ErrorMessage;

export interface SystemMessage {
  type: "system";
  status: "connected" | "alive" | "closing" | "rejected" | "rate_limited";
  message: string;
  code?: number;
  connection_id?: string;
  expires_at?: string;
  timestamp: string;
}

export interface PongMessage {
  type: "pong";
  timestamp: string;
}

export type Message = GenerationMessage | SystemMessage | PongMessage;

const ABOUT_A_GENERATION = /^llm_(status|frame|response|error)$/;

/** Parse a text frame; null for one that is no message, such as those of the gateway itself. Its type may be unknown. */
export function messageFrom(data: unknown): Message | null {
  if (typeof data !== "string") return null;
  try {
    const message = JSON.parse(data) as Message | null;
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}

export function isAboutGeneration(message: Message): message is GenerationMessage {
  return ABOUT_A_GENERATION.test(message.type) && typeof (message as About).generation_id === "string";
}
