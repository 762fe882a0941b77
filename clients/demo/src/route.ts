/** Which chat the address names: each has one of its own, `#/chats/<id>`; others are a chat that has not begun. */

import { useCallback, useEffect, useState } from "react";

const CHAT = /^#\/chats\/(.+)$/;

export function addressOf(chatId: string): string {
  return `#/chats/${encodeURIComponent(chatId)}`;
}

export interface Route {
  chatId: string;
  /** Nothing was asked in it yet, as far as this tab knows. */
  isNew: boolean;
  /** Begin another chat. */
  startNew(): void;
  /** The new chat has begun: from now on its address names it. */
  begin(): void;
}

export function useRoute(): Route {
  const [named, setNamed] = useState(chatInAddress);
  const [draft, setDraft] = useState(newChatId);
  useEffect(() => {
    const changed = () => setNamed(chatInAddress());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const startNew = useCallback(() => {
    setDraft(newChatId());
    history.pushState(null, "", "#/");
    setNamed(null);
  }, []);
  const begin = useCallback(() => {
    history.replaceState(null, "", addressOf(draft));
    setNamed(draft);
  }, [draft]);
  return { chatId: named ?? draft, isNew: named === null, startNew, begin };
}

function chatInAddress(): string | null {
  const name = CHAT.exec(location.hash)?.[1];
  try {
    return name === undefined ? null : decodeURIComponent(name);
  } catch {
    return null;
  }
}

/** Random, also on pages without https, which have no `randomUUID`. */
function newChatId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
