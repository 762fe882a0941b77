/** Where one asks, and stops. */

import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";

interface Props {
  isBusy: boolean;
  onSend(prompt: string): void;
  onStop(): void;
  onAgain: (() => void) | null;
}

export function Composer({ isBusy, onSend, onStop, onAgain }: Props) {
  const [prompt, setPrompt] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (isBusy || !prompt.trim()) return;
    onSend(prompt.trim());
    setPrompt("");
    field.current?.focus();
  };
  // The buttons for it go with the answer, and must not take the focus along.
  const andBack = (act: () => void) => () => {
    act();
    field.current?.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    // While characters are being composed, Enter chooses one of them.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form className="composer" onSubmit={send}>
      <label className="unseen" htmlFor="prompt">
        Your question
      </label>
      <textarea
        id="prompt"
        ref={field}
        rows={1}
        value={prompt}
        placeholder="Ask something"
        onChange={({ target }) => setPrompt(target.value)}
        onKeyDown={pressed}
        aria-describedby="keys"
        autoFocus
      />
      {isBusy ? (
        <button type="button" className="stop" onClick={andBack(onStop)}>
          Stop
        </button>
      ) : (
        <button className="primary" disabled={!prompt.trim()}>
          Send
        </button>
      )}
      <div className="below">
        <p id="keys">
          <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> is a new line, <kbd>Esc</kbd> stops.
        </p>
        {onAgain && !isBusy && (
          <button type="button" className="link" onClick={andBack(onAgain)}>
            Ask again
          </button>
        )}
      </div>
    </form>
  );
}
