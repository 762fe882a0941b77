/** Names that nothing else has. */
/** `crypto.randomUUID` is there only on https and localhost; random numbers are there on http, too. */
export declare function newId(): string;
