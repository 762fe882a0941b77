/** Live answers of a language model, over one socket that reconnects. */
export { FrameStreamClient, } from "./client.js";
export { FrameStreamError, isAuthError } from "./errors.js";
export { userOf } from "./tokens.js";
