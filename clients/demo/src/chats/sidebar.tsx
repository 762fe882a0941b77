/** The list of chats, what the user has used of the budget, and the way out. On a phone it is a drawer. */

import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import type { Chat } from "framestream";
import { announce } from "../announcer.tsx";
import { ConfirmDialog } from "../confirm-dialog.tsx";
import { Icon } from "../icon.tsx";
import { Mark } from "../mark.tsx";
import { titleOf } from "../words.ts";
import { ChatEntry } from "./chat-entry.tsx";
import type { ChatList } from "./chat-list.ts";

interface Props {
  list: ChatList;
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

export function Sidebar({ list, chatId, userId, drawer, children, onNew, onDeleted, onLeave }: Props) {
  const { chats, hasMore, status } = useSyncExternalStore(list.subscribe, list.state);
  const [leaving, setLeaving] = useState<Chat | null>(null);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    if (drawer?.isOpen) nav.current?.querySelector<HTMLElement>("button, a")?.focus();
  }, [drawer?.isOpen]);

  const remove = async ({ chat_id, title }: Chat) => {
    setLeaving(null);
    try {
      await list.delete(chat_id);
      announce(`Deleted “${titleOf(title)}”.`);
      onDeleted(chat_id);
    } catch {
      announce("The chat could not be deleted.");
    }
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
            onRename={(title) => list.rename(chat.chat_id, title)}
            onDelete={() => setLeaving(chat)}
            onOpen={() => drawer?.close()}
          />
        ))}
      </ul>
      <div className="sidebar-more">
        {status === "loading" && chats.length === 0 && <p>Loading …</p>}
        {status === "ready" && chats.length === 0 && <p>Your chats will be listed here.</p>}
        {status === "failed" && (
          <p>
            The list could not be loaded.{" "}
            <button className="link" onClick={() => void list.refresh()}>
              Try again
            </button>
          </p>
        )}
        {hasMore && (
          <button className="link" onClick={() => void list.more().catch(() => list.refresh())}>
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
