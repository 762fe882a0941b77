/** A chat in a React component. */

import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { FrameStreamClient } from "./client.ts";
import type { ConversationOptions, ConversationState } from "./conversation-state.ts";
import { conversationOf } from "./sharing.ts";

export { canRegenerate, type ChatMessage, type Failure } from "./chat-messages.ts";
export type { ConversationState } from "./conversation-state.ts";

export interface FrameStreamOptions extends ConversationOptions {
  /** Create one for the whole page, outside of components: it holds the socket. */
  client: FrameStreamClient;
}

export interface FrameStream extends ConversationState {
  send(prompt: string): void;
  stop(): void;
  /** Replace an answer (the last one, if no id is given) by a new answer to its prompt. See `canRegenerate`. */
  regenerate(messageId?: string): void;
}

/**
 * Components that show the same chat with the same client share its conversation, which stays while none shows it.
 * `messages` count when a component begins to show it, the other options from the next prompt on.
 */
export function useFrameStream({ client, ...options }: FrameStreamOptions): FrameStream {
  const { chatId, messages, model, smooth } = options;
  const conversation = useMemo(() => conversationOf(client, options), [client, chatId]);
  useEffect(() => conversation.join(messages), [conversation]);
  useEffect(() => conversation.setPreferences({ model, smooth }), [conversation, model, smooth]);
  useRetired(client);
  const { subscribe, state, send, stop, regenerate } = conversation;
  return { ...useSyncExternalStore(subscribe, state, state), send, stop, regenerate };
}

/** Close the socket of a client that another one replaces, as when a module is reloaded in development. */
function useRetired(client: FrameStreamClient): void {
  const current = useRef(client);
  useEffect(() => {
    if (current.current !== client) current.current.retire();
    current.current = client;
  }, [client]);
}
