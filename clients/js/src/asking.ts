/** Asks for an adapter what its messages ask: a question after an answer, or for another answer to the same question. */

import type { FrameStreamClient } from "./client.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { GenerateOptions } from "./options.ts";

export interface Asking extends GenerateOptions {
  /** The answer to be given again; null for a new question. */
  again: string | null;
  /** Uploads what a new question is sent with, once it is known to be one. */
  attach?: () => Promise<readonly string[]>;
}

/** The generation once it is accepted. */
export async function ask(client: FrameStreamClient, asking: Asking): Promise<Generation> {
  const { again, attach, prompt, parentId, ...how } = asking;
  if (again) {
    const generation = await orNull([404, 405], client.regenerate(again, how));
    if (generation) return generation;
  }
  const ids = (await attach?.()) ?? [];
  const enclosed = ids.length ? { attachments: ids } : {};
  const first = client.generate({ ...how, ...enclosed, prompt, parentId });
  const generation = await orNull(parentId ? [422] : [], first);
  if (generation) return generation;
  // The answer that it follows is of a time before chats were recorded, or is kept no longer.
  const second = client.generate({ ...how, ...enclosed, prompt });
  await second.accepted;
  return second;
}

/** The generation once it is accepted; null if it is refused with one of these statuses. */
async function orNull(statuses: readonly number[], generation: Generation): Promise<Generation | null> {
  try {
    await generation.accepted;
    return generation;
  } catch (error) {
    if (statuses.includes((error as FrameStreamError).status!)) return null;
    throw error;
  }
}
