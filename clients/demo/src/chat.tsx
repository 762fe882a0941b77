/** A conversation, with what one needs to hold it. */

import { useEffect, useState } from "react";
import { useFrameStream, type ChatMessage } from "framestream/react";
import { Composer } from "./composer.tsx";
import { Mark } from "./mark.tsx";
import { Messages } from "./messages.tsx";
import { Panel } from "./panel.tsx";
import type { Session } from "./session.ts";
import { connectionNotice } from "./words.ts";

const CHAT_ID = "demo";
const SHOWN = "framestream-demo:messages";

interface Props {
  session: Session;
  onLeave(): void;
}

export function Chat({ session, onLeave }: Props) {
  const { client, meter, userId } = session;
  const [shownBefore] = useState(() => JSON.parse(sessionStorage.getItem(SHOWN) ?? "[]") as ChatMessage[]);
  const chat = useFrameStream({ client, chatId: CHAT_ID, messages: shownBefore });
  const [isPanelOpen, setPanelOpen] = useState(() => window.innerWidth > 960);
  const isBusy = chat.status === "submitted" || chat.status === "streaming";
  const notice = connectionNotice(chat);

  // The text itself is the server's to keep; who shows what is this tab's.
  useEffect(() => sessionStorage.setItem(SHOWN, JSON.stringify(chat.messages)), [chat.messages]);
  useEffect(() => {
    const stop = ({ key }: KeyboardEvent) => key === "Escape" && isBusy && chat.stop();
    addEventListener("keydown", stop);
    return () => removeEventListener("keydown", stop);
  }, [isBusy, chat.stop]);

  const send = (prompt: string) => {
    meter.asked();
    chat.send(prompt);
  };
  return (
    <div className="page" data-panel={isPanelOpen}>
      <header>
        <Mark />
        <h1>framestream</h1>
        <p className="badge" data-tone={notice.tone} role="status">
          {notice.short}
        </p>
        <span className="who">{userId}</span>
        <button onClick={() => setPanelOpen(!isPanelOpen)} aria-expanded={isPanelOpen} aria-controls="panel">
          Live
        </button>
        <button onClick={onLeave}>Sign out</button>
      </header>
      {notice.long && (
        <p className="notice" data-tone={notice.tone} role="alert">
          {notice.long}
        </p>
      )}
      <main>
        <Messages messages={chat.messages} error={chat.error} />
        <Composer
          isBusy={isBusy}
          onSend={send}
          onStop={chat.stop}
          onAgain={chat.messages.length > 0 ? chat.regenerate : null}
        />
      </main>
      {isPanelOpen && <Panel meter={meter} phase={chat.phase} />}
    </div>
  );
}
