/** One chat in the list: a link, and its title to change. */

import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import type { Chat } from "framestream";
import { announce } from "../announcer.tsx";
import { Icon } from "../icon.tsx";
import { addressOf } from "../route.ts";
import { titleOf } from "../words.ts";

interface Props {
  chat: Chat;
  isCurrent: boolean;
  onRename(title: string): Promise<unknown>;
  onDelete(): void;
  onOpen(): void;
}

const LONGEST_TITLE = 200;

export function ChatEntry({ chat, isCurrent, onRename, onDelete, onOpen }: Props) {
  const [isRenaming, setRenaming] = useState(false);
  const pen = useRef<HTMLButtonElement>(null);
  const title = titleOf(chat.title);
  const stop = () => {
    setRenaming(false);
    requestAnimationFrame(() => pen.current?.focus());
  };
  const rename = (changed: string) => {
    stop();
    if (!changed || changed === chat.title) return;
    onRename(changed).then(
      () => announce("Renamed."),
      () => announce("The chat could not be renamed."),
    );
  };
  if (isRenaming)
    return (
      <li>
        <TitleForm title={title} onDone={rename} onCancel={stop} />
      </li>
    );
  return (
    <li className="chat-entry">
      <a
        href={addressOf(chat.chat_id)}
        aria-current={isCurrent ? "page" : undefined}
        dir="auto"
        title={title}
        onClick={onOpen}
      >
        {title}
        {chat.running && <span className="dot" role="img" aria-label="(being answered)" />}
      </a>
      <button
        className="icon-button"
        ref={pen}
        onClick={() => setRenaming(true)}
        aria-label={`Rename “${title}”`}
      >
        <Icon name="edit" />
      </button>
      <button className="icon-button" onClick={onDelete} aria-label={`Delete “${title}”`}>
        <Icon name="trash" />
      </button>
    </li>
  );
}

interface FormProps {
  title: string;
  onDone(title: string): void;
  onCancel(): void;
}

function TitleForm({ title, onDone, onCancel }: FormProps) {
  const [changed, setChanged] = useState(title);
  const isOver = useRef(false);
  const end = (how: () => void) => {
    if (isOver.current) return; // The field loses the focus when it goes.
    isOver.current = true;
    how();
  };
  const done = () => end(() => onDone(changed.trim()));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    done();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // It would stop an answer, or close the drawer.
    end(onCancel);
  };
  return (
    <form className="title-form" onSubmit={submit}>
      <input
        aria-label="Title of the chat"
        dir="auto"
        value={changed}
        maxLength={LONGEST_TITLE}
        onChange={({ target }) => setChanged(target.value)}
        onKeyDown={pressed}
        onBlur={done}
        onFocus={({ target }) => target.select()}
        autoFocus
      />
    </form>
  );
}
