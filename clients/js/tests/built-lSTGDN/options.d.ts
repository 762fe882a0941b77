/** The client's options, their defaults, and their validation. */
import type { Environment, SocketConstructor } from "./environment.ts";
import type { Reconnect } from "./retry.ts";
import type { GetToken } from "./tokens.ts";
export interface Settings {
    /** The stack's output `HttpUrl`: scheme and host, without a path of the API. Required. */
    httpUrl: string;
    /**
     * Returns the user's token, or a promise of it. With `fresh: true` the previous one was refused or expires soon: return
     * a new one. It is called once at a time, and again after a failure. Required.
     */
    getToken: GetToken;
    /** The user's id. Unless set, the token's claim `sub` or `user_id`. */
    userId?: string;
    /**
     * The `Origin` that is sent outside of browsers (they send their own): one that the deployment allows, such as
     * `https://app.example.com`. Unless set, none is sent, and sockets are refused where the deployment does not allow
     * a missing one.
     */
    origin?: string;
    /** The class of sockets; unless set, the global `WebSocket`. Node before 22 has none: use that of `ws`. */
    WebSocket?: SocketConstructor;
    /** Pauses after failures. Each part is in milliseconds and has a default of its own. */
    reconnect?: Partial<Reconnect>;
    /** Milliseconds of silence on a socket, after which a ping is sent. 540,000 unless set: the gateway closes after ten minutes. */
    heartbeat?: number;
    /** Milliseconds for the answer to a ping or a handshake, before the socket is replaced. 10,000 unless set. */
    patience?: number;
    /** Milliseconds without a message about an unfinished answer, on an open socket, before it is fetched. 10,000 unless set. */
    stallTimeout?: number;
    /** Milliseconds between fetches of an unfinished answer while there is no socket. 2,500 unless set. */
    pollInterval?: number;
    /** Milliseconds for one HTTP call, before it is repeated. 30,000 unless set: as long as the gateway waits. */
    requestTimeout?: number;
    /** Milliseconds for `getToken`, before it is called again. 10,000 unless set. */
    tokenTimeout?: number;
    /** Replaces parts of the environment, in tests for example. */
    environment?: Partial<Environment>;
}
export declare const RECONNECT: Reconnect;
export declare const DEFAULTS: {
    heartbeat: number;
    patience: number;
    stallTimeout: number;
    pollInterval: number;
    requestTimeout: number;
    tokenTimeout: number;
};
/** Throw a clear error for a wrong option at construction, not at the first call. */
export declare function check({ httpUrl, getToken }: Settings): void;
