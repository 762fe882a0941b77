/** The page of a user who is signed in: chats, the one that is read, and what happens behind it. */

import { useCallback, useEffect, useRef, useState } from "react";
import { Announcer } from "./announcer.tsx";
import { Budget } from "./chats/budget.tsx";
import { Sidebar } from "./chats/sidebar.tsx";
import { focusOnPrompt } from "./conversation/composer.tsx";
import { Conversation, type ConversationView } from "./conversation/conversation.tsx";
import { Icon } from "./icon.tsx";
import { useIsWide } from "./media.ts";
import { useOnline } from "./online.ts";
import { Panel } from "./panel.tsx";
import { useRoute } from "./route.ts";
import type { Session } from "./session.ts";
import { connectionNotice, titleOf } from "./words.ts";

interface Props {
  session: Session;
  onLeave(): void;
}

export function Home({ session, onLeave }: Props) {
  const { client, meter, userId } = session;
  const route = useRoute();
  const isOnline = useOnline();
  const [view, setView] = useState<ConversationView>({
    ...{ title: "", usage: null },
    connection: { phase: client.phase, closeCode: client.closeCode, isOnline },
  });
  const notice = connectionNotice(view.connection);
  const title = route.isNew ? "New chat" : titleOf(view.title);
  const [isPanelOpen, setPanelOpen] = useState(false);
  const drawer = useDrawer();
  useEffect(() => {
    document.title = `${title} · framestream`;
  }, [title]);

  const startNew = () => {
    if (!route.isNew) route.startNew(); // What is written in it already stays.
    drawer.close();
    requestAnimationFrame(focusOnPrompt);
  };
  const deleted = (chatId: string) => {
    if (chatId === route.chatId) startNew();
  };
  return (
    <div className="page" data-panel={isPanelOpen} data-drawer={drawer.isOpen}>
      <Sidebar
        client={client}
        chatId={route.chatId}
        userId={userId}
        drawer={drawer.isWide ? null : drawer}
        onNew={startNew}
        onDeleted={deleted}
        onLeave={onLeave}
      >
        <Budget usage={view.usage} />
      </Sidebar>
      {drawer.isOpen && <div className="scrim" onClick={drawer.close} />}
      <div className="content" inert={drawer.isOpen}>
        <header>
          {!drawer.isWide && (
            <button
              className="icon-button"
              ref={drawer.opener}
              onClick={drawer.open}
              aria-label="Chats"
              aria-expanded={drawer.isOpen}
              aria-controls="chats"
            >
              <Icon name="menu" />
            </button>
          )}
          <h1 dir="auto">{title}</h1>
          <p className="badge" data-tone={notice.tone} role="status">
            {notice.short}
          </p>
          <button
            className="live-button"
            onClick={() => setPanelOpen(!isPanelOpen)}
            aria-expanded={isPanelOpen}
            aria-controls="panel"
          >
            <Icon name="pulse" /> Live
          </button>
        </header>
        {notice.long && (
          <p className="notice" data-tone={notice.tone} role="alert">
            {notice.long}
          </p>
        )}
        <Conversation
          key={route.chatId}
          session={session}
          chatId={route.chatId}
          isNew={route.isNew}
          isOnline={isOnline}
          onBegin={route.begin}
          onView={setView}
        />
        {isPanelOpen && <Panel meter={meter} phase={view.connection.phase} />}
      </div>
      <Announcer />
    </div>
  );
}

/** The list of chats where there is no room for it: opened and closed, with the focus where it belongs. */
function useDrawer() {
  const isWide = useIsWide();
  const [isWanted, setWanted] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const isOpen = isWanted && !isWide;
  const open = useCallback(() => setWanted(true), []);
  const close = useCallback(() => {
    setWanted(false);
    requestAnimationFrame(() => opener.current?.focus());
  }, []);
  useEffect(() => {
    if (!isOpen) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      close();
    };
    addEventListener("keydown", pressed, { capture: true });
    return () => removeEventListener("keydown", pressed, { capture: true });
  }, [isOpen, close]);
  return { isWide, isOpen, open, close, opener };
}
