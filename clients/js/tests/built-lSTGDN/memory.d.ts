/** Stores which answer a chat waits for, so that a reloaded page can resume it. */
/** The page's localStorage, or a storage like it, also an asynchronous one. */
export interface Memory {
    getItem(key: string): string | null | Promise<string | null>;
    setItem(key: string, value: string): void | Promise<void>;
    removeItem(key: string): void | Promise<void>;
}
/** If the storage is missing, forbidden, full or incomplete, a reload does not resume; all else works. */
export declare class PendingAnswers {
    #private;
    constructor(memory: () => Memory | null);
    get(chatId: string): Promise<string | null>;
    set(chatId: string, id: string): Promise<void>;
    /** Keep a newer id: another prompt of this chat may have been sent since. */
    forget(chatId: string, id: string | null): Promise<void>;
}
