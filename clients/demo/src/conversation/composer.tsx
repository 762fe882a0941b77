/** Where one asks, and stops. What is asked while an answer is being written waits for its end. */

import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from "react";
import { Icon } from "../icon.tsx";
import { isSendKey } from "./send-key.ts";

interface Props {
  isBusy: boolean;
  onSend(prompt: string): void;
  onStop(): void;
  /** What else one may choose. */
  children: ReactNode;
}

const FIELD = "prompt";

export function focusOnPrompt(): void {
  document.getElementById(FIELD)?.focus();
}

export function Composer({ isBusy, onSend, onStop, children }: Props) {
  const [prompt, setPrompt] = useState("");
  const isEmpty = !prompt.trim();
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (isEmpty) return;
    onSend(prompt.trim());
    setPrompt("");
    focusOnPrompt();
  };
  // The button goes with the answer, and must not take the focus along.
  const stop = () => {
    onStop();
    focusOnPrompt();
  };
  const pressed = (event: KeyboardEvent) => {
    if (!isSendKey(event)) return;
    event.preventDefault();
    send();
  };
  return (
    <form className="composer" onSubmit={send}>
      <label className="unseen" htmlFor={FIELD}>
        Your question
      </label>
      <div className="composer-box">
        <textarea
          id={FIELD}
          dir="auto"
          rows={1}
          value={prompt}
          placeholder={isBusy ? "Ask next" : "Ask something"}
          onChange={({ target }) => setPrompt(target.value)}
          onKeyDown={pressed}
          aria-describedby="keys"
          autoFocus
        />
        {isBusy && (
          <button type="button" className="stop" onClick={stop}>
            <Icon name="stop" /> Stop
          </button>
        )}
        {(!isBusy || !isEmpty) && (
          <button className="primary" disabled={isEmpty}>
            <Icon name="send" /> {isBusy ? "Queue" : "Send"}
          </button>
        )}
      </div>
      {children}
      <p id="keys">
        <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> is a new line, <kbd>Esc</kbd> stops.
      </p>
    </form>
  );
}
