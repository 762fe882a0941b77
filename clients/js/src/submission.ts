/** Submits a prompt, with retries; one that is called back is not sent any more, or its answer is cancelled. */

import { FrameStreamError } from "./errors.ts";
import { CANCELLED, type Submission } from "./generation.ts";
import type { GenerationTracker } from "./generation-tracker.ts";
import type { Generations } from "./generations.ts";
import { retry, type RetryEnvironment } from "./retry.ts";
import type { Accepted } from "./wire.ts";

/** What a submission needs from its client. */
export interface SubmissionHost {
  environment: RetryEnvironment;
  generations: Generations;
  /** Aborted when the client is closed. */
  session: AbortSignal;
  cancel(id: string, signal: AbortSignal): Promise<unknown>;
  /** Report that the prompt was refused. */
  reportError(error: FrameStreamError): void;
}

export function submit(
  { environment, generations, session, cancel, reportError }: SubmissionHost,
  send: (signal: AbortSignal) => Promise<Accepted>,
  chatId: string,
): Submission & { tracker: Promise<GenerationTracker> } {
  const sending = new AbortController();
  const acceptance = retry(() => send(sending.signal), environment, sending);
  const accepted = acceptance.then(({ generation_id }) => generation_id);
  let reject!: (error: FrameStreamError) => void;
  const failed = new Promise<never>((_, rejectFailed) => (reject = rejectFailed));
  const fail = (error: FrameStreamError) => {
    sending.abort();
    reject(error);
  };
  const tracker = Promise.race([generations.submitted(accepted, chatId, fail, session), failed]);
  tracker.catch((error: FrameStreamError) => sending.signal.aborted || reportError(error));
  const onCancel = () => {
    fail(new FrameStreamError("The prompt was called back before it was accepted.", CANCELLED));
    // A prompt under way may still be accepted; then its answer is cancelled.
    accepted.then((id) => cancel(id, session)).catch(() => {});
  };
  return { tracker, acceptance, onCancel };
}
