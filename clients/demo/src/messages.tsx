/** What was asked and answered. */

import { useEffect, useRef } from "react";
import type { ChatMessage } from "framestream/react";
import { Message } from "./message.tsx";
import { isRunning, statusOf, type Connection } from "./words.ts";

interface Props {
  messages: readonly ChatMessage[];
  connection: Connection;
  onAgain(id: string): void;
}

export function Messages({ messages, connection, onAgain }: Props) {
  const end = useFollowing(messages);
  const stateOf = (message: ChatMessage) =>
    message.role === "assistant" ? statusOf(message, connection) : "";
  return (
    <section className="messages" aria-label="Conversation" tabIndex={0} ref={end}>
      {messages.length === 0 && (
        <div className="empty">
          <h2>What would you like to know?</h2>
          <p>Answers show up in all of your tabs at the same time.</p>
        </div>
      )}
      <ol>
        {messages.map((message) => (
          <Message key={message.id} message={message} state={stateOf(message)} onAgain={onAgain} />
        ))}
      </ol>
      {/* Growing text would be read out piece by piece, so a screen reader hears how the answer stands, and no text. */}
      <p className="unseen" role="status">
        {spoken(messages, stateOf)}
      </p>
    </section>
  );
}

function spoken(messages: readonly ChatMessage[], stateOf: (message: ChatMessage) => string): string {
  const answers = messages.filter(({ role }) => role === "assistant");
  const message = answers.findLast(isRunning) ?? answers.at(-1);
  // A failure is an alert where it stands.
  if (!message || message.status === "failed") return "";
  return message.status === "completed" ? "The answer is complete." : stateOf(message);
}

/** Keeps the end in view, unless the reader has scrolled away from it. */
function useFollowing(messages: readonly ChatMessage[]) {
  const section = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const follow = () => {
    if (isAtEnd.current) section.current?.scrollTo({ top: section.current.scrollHeight });
  };
  useEffect(() => {
    const { current } = section;
    const look = () => {
      if (current) isAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 60;
    };
    const room = new ResizeObserver(follow); // A notice or the panel may take some of it.
    current?.addEventListener("scroll", look, { passive: true });
    if (current) room.observe(current);
    return () => {
      current?.removeEventListener("scroll", look);
      room.disconnect();
    };
  }, []);
  useEffect(follow, [messages]);
  return section;
}
