/** A socket that reconnects: performs the effects of the connection's state machine. */
import type { ConnectionRules, Phase } from "./connection.ts";
import type { Environment } from "./environment.ts";
import { FrameStreamError } from "./errors.ts";
import type { TicketIssued } from "./wire.ts";
import { type Message } from "./messages.ts";
export interface SocketOptions {
    environment: Environment & ConnectionRules;
    /** Milliseconds of silence, after which a ping is sent. */
    heartbeat: number;
    /** Milliseconds within which the server has to answer a ping or a handshake. */
    patience: number;
    /** The `Origin` header; browsers send their own. */
    origin?: string | undefined;
    ticket(options: {
        freshToken: boolean;
    }): Promise<TicketIssued>;
    onMessage(message: Message): void;
    onPhase(phase: Phase): void;
    onReport(code: number | string, error: FrameStreamError): void;
}
/** Milliseconds for which a socket is in use before earlier failures are forgotten. */
export declare const STABLE = 60000;
/** Milliseconds for which a replaced socket may still bring messages under way. */
export declare const LINGER = 2000;
/** Milliseconds; a successor is opened at most this long, and at most a tenth of the lifetime, before a socket's end. */
export declare const LONGEST_MARGIN = 60000;
export declare class ReconnectingSocket {
    #private;
    constructor(options: SocketOptions);
    get phase(): Phase;
    open(): void;
    close(): void;
    /** The socket brought new text, so earlier failures are forgotten. */
    markStable(): void;
    /** Send a ping; without an answer in time, the socket is replaced. */
    probe(): void;
}
