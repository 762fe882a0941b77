/** Asks before something is done for good. What changes nothing has the focus, so that a hasty Enter does no harm. */

import { useEffect, useRef } from "react";

interface Props {
  title: string;
  text: string;
  /** The word of the button that does it. */
  yes: string;
  onYes(): void;
  onNo(): void;
}

export function ConfirmDialog({ title, text, yes, onYes, onNo }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const { current } = dialog;
    current?.showModal();
    return () => {
      current?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      className="confirm"
      ref={dialog}
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onKeyDown={(event) => event.stopPropagation()}
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <h2 id="confirm-title" dir="auto">
        {title}
      </h2>
      <p id="confirm-text">{text}</p>
      <div className="confirm-buttons">
        <button onClick={onNo} autoFocus>
          Keep
        </button>
        <button className="danger" onClick={onYes}>
          {yes}
        </button>
      </div>
    </dialog>
  );
}
