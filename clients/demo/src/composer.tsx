/** Where one asks, and stops. */

import { useState, type FormEvent, type KeyboardEvent } from "react";

interface Props {
  isBusy: boolean;
  onSend(prompt: string): void;
  onStop(): void;
}

const FIELD = "prompt";

export function focusOnPrompt(): void {
  document.getElementById(FIELD)?.focus();
}

export function Composer({ isBusy, onSend, onStop }: Props) {
  const [prompt, setPrompt] = useState("");
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (isBusy || !prompt.trim()) return;
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
    // While characters are being composed, Enter chooses one of them.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form className="composer" onSubmit={send}>
      <label className="unseen" htmlFor={FIELD}>
        Your question
      </label>
      <textarea
        id={FIELD}
        dir="auto"
        rows={1}
        value={prompt}
        placeholder="Ask something"
        onChange={({ target }) => setPrompt(target.value)}
        onKeyDown={pressed}
        aria-describedby="keys"
        autoFocus
      />
      {isBusy ? (
        <button type="button" className="stop" onClick={stop}>
          Stop
        </button>
      ) : (
        <button className="primary" disabled={!prompt.trim()}>
          Send
        </button>
      )}
      <p id="keys" className="below">
        <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> is a new line, <kbd>Esc</kbd> stops.
      </p>
    </form>
  );
}
