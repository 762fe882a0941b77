/** A chat in a React component. */

import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { FrameStreamClient } from "./client.ts";
import { Conversation, type ConversationOptions, type ConversationState } from "./conversation.ts";

export type { ChatMessage, ConversationState } from "./conversation.ts";

export interface FrameStreamOptions extends ConversationOptions {
  /** Make one for the whole page, outside of components: it holds the socket. */
  client: FrameStreamClient;
}

export interface FrameStream extends ConversationState {
  send(prompt: string): void;
  stop(): void;
  regenerate(): void;
}

/** Another client or `chatId` begins another conversation; the other options count when it begins. */
export function useFrameStream({ client, ...options }: FrameStreamOptions): FrameStream {
  const conversation = useMemo(() => new Conversation(client, options), [client, options.chatId]);
  useEffect(() => conversation.join(), [conversation]);
  const { subscribe, state, send, stop, regenerate } = conversation;
  return { ...useSyncExternalStore(subscribe, state, state), send, stop, regenerate };
}
