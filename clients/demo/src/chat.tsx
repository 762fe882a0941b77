/** A conversation, with what one needs to hold it. */

import { useCallback, useEffect, useState } from "react";
import { useFrameStream, type ChatMessage } from "framestream/react";
import { Composer, focusOnPrompt } from "./composer.tsx";
import { Mark } from "./mark.tsx";
import { Messages } from "./messages.tsx";
import { useOnline } from "./online.ts";
import { Panel } from "./panel.tsx";
import type { Session } from "./session.ts";
import { keep, recall } from "./store.ts";
import { connectionNotice } from "./words.ts";

const CHAT_ID = "demo";
const SHOWN = "framestream-demo:messages";

interface Props {
  session: Session;
  onLeave(): void;
}

export function Chat({ session, onLeave }: Props) {
  const { client, meter, userId } = session;
  const [shownBefore] = useState(storedMessages);
  const chat = useFrameStream({ client, chatId: CHAT_ID, messages: shownBefore });
  const [isPanelOpen, setPanelOpen] = useState(false);
  const connection = { phase: chat.phase, closeCode: chat.closeCode, isOnline: useOnline() };
  const isBusy = chat.status === "submitted" || chat.status === "streaming";
  const notice = connectionNotice(connection);

  // The text itself is the server's to keep; who shows what is this tab's.
  useEffect(() => keep(SHOWN, JSON.stringify(chat.messages)), [chat.messages]);
  useEffect(() => {
    const stop = ({ key }: KeyboardEvent) => key === "Escape" && isBusy && chat.stop();
    addEventListener("keydown", stop);
    return () => removeEventListener("keydown", stop);
  }, [isBusy, chat.stop]);

  const send = (prompt: string) => {
    meter.asked();
    chat.send(prompt);
  };
  const again = useCallback(
    (id: string) => {
      meter.asked();
      chat.regenerate(id);
      focusOnPrompt(); // The button goes with the answer, and must not take the focus along.
    },
    [meter, chat.regenerate],
  );
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
        <Messages messages={chat.messages} connection={connection} onAgain={again} />
        <Composer isBusy={isBusy} onSend={send} onStop={chat.stop} />
      </main>
      {isPanelOpen && <Panel meter={meter} phase={chat.phase} />}
    </div>
  );
}

function storedMessages(): ChatMessage[] {
  try {
    const stored: unknown = JSON.parse(recall(SHOWN) ?? "[]");
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}
