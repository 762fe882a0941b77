/** One chat: what was asked and answered, what waits, and where one asks. */

import { useCallback, useEffect, useState } from "react";
import { useFrameStream, type ChatMessage, type FrameStream } from "framestream/react";
import type { UserUsage } from "framestream";
import { announce } from "../announcer.tsx";
import type { Session } from "../session.ts";
import { forget, keep, recall } from "../store.ts";
import { failureWords, type Connection } from "../words.ts";
import { Composer, focusOnPrompt } from "./composer.tsx";
import { Messages } from "./messages.tsx";
import { ModelPicker, useModels } from "./model-picker.tsx";
import { WaitingPrompts } from "./waiting-prompts.tsx";

interface Props {
  session: Session;
  chatId: string;
  isNew: boolean;
  isOnline: boolean;
  /** The first question was asked. */
  onBegin(): void;
  /** What the page around it shows of it. */
  onView(view: ConversationView): void;
}

export interface ConversationView {
  title: string;
  connection: Connection;
  usage: UserUsage | null;
}

export function Conversation({ session, chatId, isNew, isOnline, onBegin, onView }: Props) {
  const { client, meter } = session;
  const [unsent] = useState(() => recallUnsent(chatId));
  const picking = useModels(client);
  const { model } = picking;
  const chat = useFrameStream({ client, chatId, messages: unsent, model, onBusy: "queue", usage: true });
  const { phase, closeCode, title, usage } = chat;
  const connection = { phase, closeCode, isOnline };
  const isBusy = chat.status === "submitted" || chat.status === "streaming";

  useEffect(() => keepUnsent(chatId, chat.messages), [chatId, chat.messages]);
  useEffect(
    () => onView({ title, connection: { phase, closeCode, isOnline }, usage }),
    [title, phase, closeCode, isOnline, usage, onView],
  );
  useStopKey(isBusy, chat.stop);

  const asked = useCallback(() => {
    meter.asked();
    focusOnPrompt(); // The button goes with the answer, and must not take the focus along.
  }, [meter]);
  const send = (prompt: string) => {
    asked();
    chat.send(prompt);
    if (isNew) onBegin();
  };
  const again = useCallback((id: string) => (asked(), chat.regenerate(id)), [asked, chat.regenerate]);
  const edit = useCallback((id: string, text: string) => (asked(), chat.edit(id, text)), [asked, chat.edit]);
  return (
    <main>
      <Messages
        client={client}
        messages={chat.messages}
        connection={connection}
        isBusy={isBusy}
        empty={emptyOf(chat, isNew)}
        onAgain={again}
        onEdit={edit}
        onSelect={chat.select}
      />
      <div className="below-messages">
        <WaitingPrompts queue={chat.queue} onProblem={announce} />
        <Composer key={chatId} isBusy={isBusy} onSend={send} onStop={chat.stop}>
          <ModelPicker {...picking} />
        </Composer>
      </div>
    </main>
  );
}

/** What stands where no message is. */
function emptyOf({ isLoaded, isDeleted, error }: FrameStream, isNew: boolean): [string, string] {
  if (isDeleted) return ["This chat was deleted", "What you ask here begins it anew."];
  if (isNew) return ["What would you like to know?", "Answers show up in all of your tabs at the same time."];
  if (!isLoaded) return ["", "Loading …"];
  if (error) return ["This chat could not be loaded", failureWords(error.code, error.message)];
  return ["There is nothing here", "Nothing was asked in this chat yet, or it was deleted."];
}

/** What the server does not have yet. The rest is the server's to keep. */
function keepUnsent(chatId: string, messages: readonly ChatMessage[]): void {
  const unsent = messages.filter(({ messageId }) => messageId === undefined);
  if (unsent.length) keep(keyOf(chatId), JSON.stringify(unsent));
  else forget(keyOf(chatId));
}

function recallUnsent(chatId: string): ChatMessage[] {
  try {
    const stored: unknown = JSON.parse(recall(keyOf(chatId)) ?? "[]");
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}

function keyOf(chatId: string): string {
  return `framestream-demo:unsent:${chatId}`;
}

function useStopKey(isBusy: boolean, stop: () => void): void {
  useEffect(() => {
    const pressed = ({ key, defaultPrevented }: KeyboardEvent) =>
      key === "Escape" && !defaultPrevented && isBusy && stop();
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [isBusy, stop]);
}
