/** One prompt or answer, with what one may do with it. */

import { memo, useRef, useState } from "react";
import { canRegenerate, type ChatMessage } from "framestream/react";
import { copy } from "./clipboard.ts";
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
      <p className="text" dir="auto" data-growing={isGrowing} aria-busy={isGrowing}>
        {text}
      </p>
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
          {text && <Copy text={text} />}
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

function Copy({ text }: { text: string }) {
  const [label, setLabel] = useState("Copy");
  const press = async () => {
    setLabel((await copy(text)) ? "Copied" : "Not copied");
    setTimeout(() => setLabel("Copy"), 2000);
  };
  return (
    <button className="link" onClick={press} aria-live="polite">
      {label}
    </button>
  );
}
