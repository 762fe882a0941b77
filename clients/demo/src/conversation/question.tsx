/** What was asked. Asking it otherwise begins another branch; the arrows lead from one to the other. */

import { memo, useRef, useState } from "react";
import type { ChatMessage } from "framestream/react";
import { CopyButton } from "../copy-button.tsx";
import { Icon } from "../icon.tsx";
import { PromptForm } from "./prompt-form.tsx";
import { SiblingArrows } from "./sibling-arrows.tsx";

interface Props {
  message: ChatMessage;
  isBusy: boolean;
  onEdit(id: string, text: string): void;
  onSelect(id: string): void;
}

export const Question = memo(function Question({ message, isBusy, onEdit, onSelect }: Props) {
  const { id, text, messageId } = message;
  const [isEditing, setEditing] = useState(false);
  const pen = useRef<HTMLButtonElement>(null);
  const cancel = () => {
    setEditing(false);
    requestAnimationFrame(() => pen.current?.focus());
  };
  const ask = (changed: string) => {
    setEditing(false);
    onEdit(id, changed);
  };
  return (
    <li className="message" data-role="user">
      <h2 className="unseen">You</h2>
      {isEditing ? (
        <PromptForm label="Change your question" text={text} done="Ask" onDone={ask} onCancel={cancel} />
      ) : (
        <p className="text" dir="auto">
          {text}
        </p>
      )}
      {!isEditing && (
        <div className="actions">
          <SiblingArrows message={message} what="question" onSelect={onSelect} />
          <CopyButton text={text} what="question" />
          {messageId !== undefined && !isBusy && (
            <button
              className="action"
              ref={pen}
              onClick={() => setEditing(true)}
              aria-label="Edit the question"
            >
              <Icon name="edit" /> Edit
            </button>
          )}
        </div>
      )}
    </li>
  );
});
