/**
 * The connection as a pure state machine: when to open a socket, when to wait, when to stay closed.
 *
 * The state has two parts: the socket in use, and the attempt to open one. Normally only one of them exists; while
 * rolling over, both do, so that there is no moment without a socket. clients/conformance/connection.json specifies the
 * same for every client.
 */
import { type Reconnect } from "./retry.ts";
export type Phase = "idle" | "connecting" | "open" | "waiting" | "offline" | "closed";
export interface Connection {
    /** The server has answered on a socket. */
    readonly inUse: boolean;
    /** A wake ends `pausing` early; `held` is a pause that the server asked for. */
    readonly attempt: "none" | "opening" | "pausing" | "held";
    readonly failures: number;
    /** The page is known to have no network. */
    readonly offline: boolean;
    /** The code after which there is no further attempt; null while there are attempts. */
    readonly closeCode: number | string | null;
}
export declare const IDLE: Connection;
export type ConnectionEvent = 
/** The application asks for a connection. */
{
    type: "wanted";
}
/** The application closes the connection. */
 | {
    type: "unwanted";
}
/** The server answered on the new socket. */
 | {
    type: "connected";
}
/** The server refused a ticket or a handshake, with a reason. */
 | {
    type: "refused";
    code: number | string;
    retryAfter?: number | undefined;
}
/** The attempt failed without a reason. */
 | {
    type: "failed";
}
/** The server announced that it closes the socket in use. */
 | {
    type: "closing";
    code: number | undefined;
}
/** The socket in use closed. */
 | {
    type: "lost";
    code: number;
}
/** The pause is over. */
 | {
    type: "retry-due";
}
/** The page is online, or visible, again. */
 | {
    type: "wake";
}
/** The page reports that there is no network. */
 | {
    type: "offline";
}
/** The socket in use nears the end of its lifetime. */
 | {
    type: "expiring";
}
/** The socket in use brought new text, or stayed open for a minute. */
 | {
    type: "stable";
};
export type Effect = 
/** Request a ticket and open a socket; with a fresh token if the present one may expire soon. */
{
    do: "open";
    freshToken: boolean;
}
/** The new socket replaces the one in use. */
 | {
    do: "adopt";
}
/** Close all sockets and stop all timers. */
 | {
    do: "drop";
} | {
    do: "pause";
    ms: number;
}
/** Send a ping on the socket in use. */
 | {
    do: "probe";
}
/** Report the code to the application. */
 | {
    do: "report";
    code: number | string;
};
/** The settings and facts that decide a transition. */
export interface ConnectionRules extends Readonly<Reconnect> {
    readonly page: {
        online(): boolean;
    };
    random(): number;
    /** An answer is awaited. */
    isAnswering(): boolean;
}
export type Step = readonly [Connection, readonly Effect[]];
export declare function phaseOf({ closeCode, inUse, attempt, offline }: Connection): Phase;
export declare function step(state: Connection, event: ConnectionEvent, rules: ConnectionRules): Step;
