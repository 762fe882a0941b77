/** What was asked and answered. */

import { useEffect, useRef } from "react";
import type { FrameStreamError } from "framestream";
import type { ChatMessage } from "framestream/react";
import { statusOf } from "./words.ts";

interface Props {
  messages: readonly ChatMessage[];
  error: FrameStreamError | null;
}

export function Messages({ messages, error }: Props) {
  const end = useFollowing(messages);
  const last = messages.at(-1);
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
          <Message key={message.id} message={message} />
        ))}
      </ol>
      {error && (
        <p className="problem" role="alert">
          {error.message}
        </p>
      )}
      {/* Growing text would be read out piece by piece, so a screen reader hears its beginning and its whole. */}
      <p className="unseen" role="status">
        {last?.role === "assistant" ? spoken(last) : ""}
      </p>
    </section>
  );
}

function Message({ message }: { message: ChatMessage }) {
  const { role, text, status } = message;
  const isGrowing = role === "assistant" && !["completed", "failed", "cancelled"].includes(status);
  return (
    <li className="message" data-role={role} data-status={status}>
      <h3 className="unseen">{role === "user" ? "You" : "Answer"}</h3>
      <p className="text" data-growing={isGrowing} aria-busy={isGrowing}>
        {text}
      </p>
      {role === "assistant" && statusOf(message) && <p className="state">{statusOf(message)}</p>}
    </li>
  );
}

function spoken(message: ChatMessage): string {
  return message.status === "completed" ? message.text : statusOf(message);
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
