/** An answer: its text, how it stands, and what one may do with it. */

import { memo, useRef } from "react";
import type { FrameStreamClient } from "framestream";
import { canRegenerate, useParts, type ChatMessage } from "framestream/react";
import { CopyButton } from "../copy-button.tsx";
import { Icon } from "../icon.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { contextWords, factsOf, isRunning } from "../words.ts";
import { Reasoning } from "./reasoning.tsx";
import { SiblingArrows } from "./sibling-arrows.tsx";
import { Sources } from "./sources.tsx";

interface Props {
  client: FrameStreamClient;
  message: ChatMessage;
  /** How it stands, in words. */
  state: string;
  isBusy: boolean;
  onAgain(id: string): void;
  onSelect(id: string): void;
}

export const Answer = memo(function Answer({ client, message, state, isBusy, onAgain, onSelect }: Props) {
  const { id, text, status } = message;
  const isGrowing = isRunning(message);
  const parts = useParts(client, message);
  const reasoning = parts.flatMap((part) => (part.kind === "reasoning" ? [part.text] : []));
  const sources = parts.filter((part) => part.kind === "source");
  // What had failed before the page was loaded is no news to be told aloud.
  const wasGrowing = useRef(isGrowing);
  const isNews = status === "failed" && wasGrowing.current;
  return (
    <li className="message" data-role="assistant" data-status={status}>
      <h2 className="unseen">Answer</h2>
      <Reasoning texts={reasoning} isGrowing={isGrowing && !text} />
      <div className="text markdown" data-growing={isGrowing} aria-busy={isGrowing}>
        <Markdown text={text} isGrowing={isGrowing} />
      </div>
      <Sources sources={sources} />
      {state && (
        <p className="state" role={isNews ? "alert" : undefined} dir="auto">
          {state}
        </p>
      )}
      {!isGrowing && (
        <div className="actions">
          <SiblingArrows message={message} what="answer" onSelect={onSelect} />
          {text && <CopyButton text={text} what="answer" />}
          {canRegenerate(message) && !isBusy && (
            <button className="action" onClick={() => onAgain(id)}>
              <Icon name="repeat" /> {status === "failed" ? "Try again" : "Ask again"}
            </button>
          )}
          <span className="facts">{factsOf(message)}</span>
          <span className="facts">{contextWords(message.context)}</span>
        </div>
      )}
    </li>
  );
});
