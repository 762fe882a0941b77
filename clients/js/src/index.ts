/** Live answers of a language model, over one socket that survives what sockets go through. */

export { FrameStreamClient, type ClientOptions, type Listener, type Wish } from "./client.ts";
export type { Phase } from "./connection.ts";
export type { Clock, Environment, Page } from "./environment.ts";
export { FrameStreamError, isAuthError } from "./errors.ts";
export type { Generation } from "./generation.ts";
export { userOf, type GetToken } from "./http.ts";
export type * from "./messages.ts";
export type { Result } from "./story.ts";
