/** Under which ids messages are shown: those that a page showed first keep their ids when the server names them. */
export declare class ShownIds {
    #private;
    set(recorded: string, shown: string): void;
    delete(recorded: string): void;
    has(recorded: string): boolean;
    readonly shown: (recorded: string) => string;
    readonly recorded: (shown: string) => string;
}
