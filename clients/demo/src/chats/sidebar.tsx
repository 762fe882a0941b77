/** The list of chats, what the user has used of the budget, and the way out. On a phone it is a drawer. */

import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Chat, FrameStreamClient, FrameStreamError } from "framestream";
import { useChats } from "framestream/react";
import { announce } from "../announcer.tsx";
import { ConfirmDialog } from "../confirm-dialog.tsx";
import { Icon } from "../icon.tsx";
import { Mark } from "../mark.tsx";
import { failureWords, titleOf } from "../words.ts";
import { ChatEntry } from "./chat-entry.tsx";

interface Props {
  client: FrameStreamClient;
  /** The chat that is shown. */
  chatId: string;
  userId: string;
  /** It lies over the page; null where it stands beside it. */
  drawer: { isOpen: boolean; close(): void } | null;
  children?: ReactNode;
  onNew(): void;
  onDeleted(chatId: string): void;
  onLeave(): void;
}

/** How many chats are read at once. */
const AT_ONCE = 30;

export function Sidebar({ client, chatId, userId, drawer, children, onNew, onDeleted, onLeave }: Props) {
  const { chats, hasMore, isLoaded, error, more } = useChats({ client, limit: AT_ONCE });
  const [leaving, setLeaving] = useState<Chat | null>(null);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    if (drawer?.isOpen) nav.current?.querySelector<HTMLElement>("button, a")?.focus();
  }, [drawer?.isOpen]);

  const remove = async ({ chat_id, title }: Chat) => {
    setLeaving(null);
    try {
      await client.chats.delete(chat_id);
    } catch (error) {
      // Or else it was deleted elsewhere meanwhile.
      if ((error as FrameStreamError).status !== 404) return announce("The chat could not be deleted.");
    }
    announce(`Deleted “${titleOf(title)}”.`);
    nav.current?.querySelector<HTMLElement>(".new-chat")?.focus(); // Its own button is gone.
    onDeleted(chat_id);
  };
  return (
    <nav id="chats" className="sidebar" aria-label="Chats" ref={nav} inert={drawer?.isOpen === false}>
      <div className="sidebar-head">
        <Mark />
        <strong>framestream</strong>
        {drawer && (
          <button className="icon-button" onClick={drawer.close} aria-label="Close the list of chats">
            <Icon name="close" />
          </button>
        )}
      </div>
      <button className="new-chat" onClick={onNew}>
        <Icon name="plus" /> New chat
      </button>
      {/* Safari takes the role from a list without marks. */}
      <ul role="list" className="chats">
        {chats.map((chat) => (
          <ChatEntry
            key={chat.chat_id}
            chat={chat}
            isCurrent={chat.chat_id === chatId}
            onRename={(title) => client.chats.rename(chat.chat_id, title)}
            onDelete={() => setLeaving(chat)}
            onOpen={() => drawer?.close()}
          />
        ))}
      </ul>
      <div className="sidebar-more">
        {chats.length === 0 && !error && <p>{isLoaded ? "Your chats will be listed here." : "Loading …"}</p>}
        {error && <p>The list could not be loaded. {failureWords(error.code, error.message)}</p>}
        {hasMore && (
          <button
            className="link"
            onClick={() => more().catch(() => announce("Older chats could not be loaded."))}
          >
            Show older ones
          </button>
        )}
      </div>
      <div className="sidebar-foot">
        {children}
        <div className="account">
          <span className="who">{userId}</span>
          <button onClick={onLeave}>Sign out</button>
        </div>
      </div>
      {leaving && (
        <ConfirmDialog
          title={`Delete “${titleOf(leaving.title)}”?`}
          text="All of its questions and answers are deleted, on all of your devices. This cannot be undone."
          yes="Delete"
          onYes={() => void remove(leaving)}
          onNo={() => setLeaving(null)}
        />
      )}
    </nav>
  );
}
