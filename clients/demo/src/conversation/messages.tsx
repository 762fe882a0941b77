/** What was asked and answered, on the branch that is read. */

import { useEffect, useRef } from "react";
import type { FrameStreamClient } from "framestream";
import type { ChatMessage } from "framestream/react";
import { announce } from "../announcer.tsx";
import { Icon } from "../icon.tsx";
import { isRunning, statusOf, type Connection } from "../words.ts";
import { Answer } from "./answer.tsx";
import { useFollowing } from "./following.ts";
import { Question } from "./question.tsx";

interface Props {
  client: FrameStreamClient;
  messages: readonly ChatMessage[];
  connection: Connection;
  isBusy: boolean;
  /** A heading and a sentence for where there are none. */
  empty: readonly [string, string];
  onAgain(id: string): void;
  onEdit(id: string, text: string): void;
  onSelect(id: string): void;
}

export function Messages({ client, messages, connection, isBusy, empty, onAgain, onEdit, onSelect }: Props) {
  const { section, isAtEnd, goToEnd } = useFollowing(messages);
  const stateOf = (message: ChatMessage) => statusOf(message, connection);
  useSpoken(messages, stateOf);
  return (
    <div className="messages-frame">
      <section className="messages" aria-label="Conversation" tabIndex={0} ref={section}>
        {messages.length === 0 && (
          <div className="empty">
            {empty[0] && <h2>{empty[0]}</h2>}
            <p>{empty[1]}</p>
          </div>
        )}
        <ol role="list">
          {messages.map((message) =>
            message.role === "user" ? (
              <Question key={message.id} {...{ message, isBusy, onEdit, onSelect }} />
            ) : (
              <Answer
                key={message.id}
                state={stateOf(message)}
                {...{ client, message, isBusy, onAgain, onSelect }}
              />
            ),
          )}
        </ol>
      </section>
      {!isAtEnd && (
        <button className="to-end" onClick={goToEnd} aria-label="Go to the end">
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

/** Growing text would be read out piece by piece, so a screen reader hears how the answer stands, and no text. */
function useSpoken(messages: readonly ChatMessage[], stateOf: (message: ChatMessage) => string): void {
  const message = messages.findLast(isRunning);
  const growing = message ? stateOf(message) : "";
  const followed = useRef<string | null>(null);
  const ended = messages.find(({ id }) => id === followed.current);
  const end = ended && !isRunning(ended) ? endOf(ended, stateOf) : "";
  useEffect(() => {
    if (growing) announce(growing);
  }, [growing]);
  useEffect(() => {
    if (end) announce(end);
  }, [end]);
  useEffect(() => {
    followed.current = message?.id ?? followed.current;
  }, [message?.id]);
}

function endOf(message: ChatMessage, stateOf: (message: ChatMessage) => string): string {
  // A failure is an alert where it stands.
  if (message.status === "failed") return "";
  return message.status === "completed" ? "The answer is complete." : stateOf(message);
}
