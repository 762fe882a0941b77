/** A question to change: one that was asked, or one that still waits. */

import { useState, type FormEvent, type KeyboardEvent } from "react";
import { isSendKey } from "./send-key.ts";

interface Props {
  label: string;
  text: string;
  /** The word of the button. */
  done: string;
  onDone(text: string): void;
  onCancel(): void;
}

export function PromptForm({ label, text, done, onDone, onCancel }: Props) {
  const [changed, setChanged] = useState(text);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (changed.trim()) onDone(changed.trim());
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault(); // It would stop an answer.
      onCancel();
    } else if (isSendKey(event)) {
      event.preventDefault();
      submit();
    }
  };
  return (
    <form className="prompt-form" onSubmit={submit}>
      <textarea
        aria-label={label}
        dir="auto"
        rows={1}
        value={changed}
        onChange={({ target }) => setChanged(target.value)}
        onKeyDown={pressed}
        onFocus={({ target }) => target.setSelectionRange(text.length, text.length)}
        autoFocus
      />
      <div className="form-buttons">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button className="primary" disabled={!changed.trim()}>
          {done}
        </button>
      </div>
    </form>
  );
}
