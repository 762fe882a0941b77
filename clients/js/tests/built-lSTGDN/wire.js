/**
 * The types of the wire contract: messages of the socket, and bodies of the HTTP API.
 *
 * Generated from functions/shared/wire by `python -m tools.api_docs --write`. Do not edit.
 */
/** The types of the messages about a generation. */
export const GENERATION_TYPES = ["llm_status", "llm_frame", "llm_part", "llm_response", "llm_error"];
