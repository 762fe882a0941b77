/** What was asked while an answer is being written: it waits, and can still be changed or taken back. */

import { useState } from "react";
import type { FrameStream } from "framestream/react";
import { Icon } from "../icon.tsx";
import { failureWords } from "../words.ts";
import { focusOnPrompt } from "./composer.tsx";
import { PromptForm } from "./prompt-form.tsx";

interface Props {
  queue: FrameStream["queue"];
  onProblem(sentence: string): void;
}

/** For an answer that is asked for again, or a question that is too long to be told. */
const UNTOLD = "Another answer, or a very long question";

export function WaitingPrompts({ queue, onProblem }: Props) {
  const [editing, setEditing] = useState<string | null>(null);
  const { waiting, isPaused } = queue;
  if (waiting.length === 0) return null;
  const act = (doing: Promise<void>) => {
    focusOnPrompt(); // What was pressed may be gone.
    doing.catch(({ code, message }: { code: string; message: string }) =>
      onProblem(code === "not_found" ? "It does not wait any more." : failureWords(code, message)),
    );
  };
  const change = (generationId: string, prompt: string) => {
    setEditing(null);
    act(queue.edit(generationId, prompt));
  };
  return (
    <section className="waiting" aria-label="Waiting questions">
      <div className="waiting-head">
        <span>{isPaused ? "Paused, because an answer was stopped" : "Asked next"}</span>
        {isPaused && (
          <button className="link" onClick={() => act(queue.resume())}>
            Resume
          </button>
        )}
      </div>
      <ol role="list">
        {waiting.map(({ id, generationId, prompt }) => (
          <li key={id}>
            {generationId !== null && editing === id ? (
              <PromptForm
                label="Change the waiting question"
                text={prompt}
                done="Save"
                onDone={(text) => change(generationId, text)}
                onCancel={() => setEditing(null)}
              />
            ) : (
              <>
                <p dir="auto">{prompt || UNTOLD}</p>
                {generationId !== null && prompt && (
                  <button
                    className="icon-button"
                    onClick={() => setEditing(id)}
                    aria-label={`Edit “${prompt}”`}
                  >
                    <Icon name="edit" />
                  </button>
                )}
                {generationId !== null && (
                  <button
                    className="icon-button"
                    onClick={() => act(queue.remove(generationId))}
                    aria-label={`Remove “${prompt || UNTOLD}”`}
                  >
                    <Icon name="close" />
                  </button>
                )}
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
