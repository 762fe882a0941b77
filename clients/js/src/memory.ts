/** Stores which answer a chat waits for, so that a reloaded page can resume it. */

/** The page's localStorage, or a storage like it, also an asynchronous one. */
export interface Memory {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}

/** If the storage is missing, forbidden, full or incomplete, a reload does not resume; all else works. */
export class PendingAnswers {
  readonly #memory: () => Memory | null;

  constructor(memory: () => Memory | null) {
    this.#memory = memory;
  }

  async get(chatId: string): Promise<string | null> {
    const id = await attempt(() => this.#memory()?.getItem(key(chatId)));
    return typeof id === "string" ? id : null;
  }

  async set(chatId: string, id: string): Promise<void> {
    await attempt(() => this.#memory()?.setItem(key(chatId), id));
    // An old id that could not be replaced must not be resumed.
    if ((await this.get(chatId)) !== id) await attempt(() => this.#memory()?.removeItem(key(chatId)));
  }

  /** Keep a newer id: another prompt of this chat may have been sent since. */
  async forget(chatId: string, id: string | null): Promise<void> {
    if ((await this.get(chatId)) === id) await attempt(() => this.#memory()?.removeItem(key(chatId)));
  }
}

async function attempt<T>(act: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch {
    return undefined;
  }
}

function key(chatId: string): string {
  return `framestream:${chatId}`;
}
