/** The user's token: `getToken` is called once at a time, however many calls need it. */
import type { Environment } from "./environment.ts";
/** Returns the user's token; with `fresh`, a new one, if there is one. */
export type GetToken = (options: {
    fresh: boolean;
}) => string | Promise<string>;
export interface GivenToken {
    readonly token: string;
    /** The number of fresh tokens until then. */
    readonly renewals: number;
}
export declare class Tokens {
    #private;
    constructor(getToken: GetToken, timeout: number, environment: Environment);
    /** The current token, or with `fresh` a new one. */
    get(fresh?: boolean): Promise<GivenToken>;
    /** A replacement for a refused token; another call may have got one already. */
    renew(refused: GivenToken): Promise<GivenToken>;
}
/** The user id in a token. The signature is not checked here: the server does that. */
export declare function userOf(token: string): string;
