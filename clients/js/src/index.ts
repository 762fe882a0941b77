/** Live answers of a language model, over one socket that reconnects. */

export type { AttachOptions } from "./attach.ts";
export type { Chats as ChatCalls, ListOptions, MessagesOptions } from "./chats.ts";
export { FrameStreamClient } from "./client.ts";
export type { Phase } from "./connection.ts";
export type { Clock, Environment, Page, SocketConstructor } from "./environment.ts";
export { FrameStreamError, isAuthError, type FieldError } from "./errors.ts";
export type { Generation } from "./generation.ts";
export type { Enclosed, OnBusy } from "./http.ts";
export type { Listener } from "./listeners.ts";
export type * from "./messages.ts";
export type { Result, Step } from "./result.ts";
export type { AnswerPart, DataPart, SourcePart, TextualPart } from "./parts.ts";
export type { ClientOptions, GenerateOptions, RegenerateOptions } from "./options.ts";
export type { Reconnect } from "./retry.ts";
export { userOf, type GetToken } from "./tokens.ts";
