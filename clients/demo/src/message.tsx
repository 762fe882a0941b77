/** One prompt or answer, with what one may do with it. */

import { memo, useRef } from "react";
import { canRegenerate, type ChatMessage } from "framestream/react";
import { CopyButton } from "./copy-button.tsx";
import { Markdown } from "./markdown/markdown.tsx";
import { isRunning } from "./words.ts";

interface Props {
  message: ChatMessage;
  /** How it stands, in words. */
  state: string;
  onAgain(id: string): void;
}

export const Message = memo(function Message({ message, state, onAgain }: Props) {
  const { id, role, text, status, prompt } = message;
  const isGrowing = isRunning(message);
  // What had failed before the page was loaded is no news to be told aloud.
  const wasGrowing = useRef(isGrowing);
  return (
    <li className="message" data-role={role} data-status={status}>
      <h2 className="unseen">{role === "user" ? "You" : "Answer"}</h2>
      {role === "assistant" && prompt === null && (
        <p className="origin">Asked elsewhere: the question is in the tab that asked it.</p>
      )}
      {role === "user" ? (
        <p className="text" dir="auto">
          {text}
        </p>
      ) : (
        <div className="text markdown" data-growing={isGrowing} aria-busy={isGrowing}>
          <Markdown text={text} />
        </div>
      )}
      {state && (
        <p
          className="state"
          role={status === "failed" && wasGrowing.current ? "alert" : undefined}
          dir="auto"
        >
          {state}
        </p>
      )}
      {role === "assistant" && !isGrowing && (
        <p className="actions">
          {text && <CopyButton text={text} what="answer" />}
          {canRegenerate(message) && (
            <button className="link" onClick={() => onAgain(id)}>
              {status === "failed" ? "Try again" : "Ask again"}
            </button>
          )}
        </p>
      )}
    </li>
  );
});
