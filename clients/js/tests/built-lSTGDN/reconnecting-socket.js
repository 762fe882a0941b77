/** A socket that reconnects: performs the effects of the connection's state machine. */
import { ABNORMAL, CODE_BY_STATUS, PAUSING_CODES } from "./codes.js";
import { IDLE, phaseOf, step } from "./connection.js";
import { FrameStreamError, reasonOf } from "./errors.js";
import { messageFrom } from "./messages.js";
import { Timers } from "./timers.js";
/** Milliseconds for which a socket is in use before earlier failures are forgotten. */
export const STABLE = 60_000;
/** Milliseconds for which a replaced socket may still bring messages under way. */
export const LINGER = 2_000;
/** Milliseconds; a successor is opened at most this long, and at most a tenth of the lifetime, before a socket's end. */
export const LONGEST_MARGIN = 60_000;
export class ReconnectingSocket {
    #state = IDLE;
    #socket = null;
    #successor = null;
    /** A replaced socket, which may still bring messages under way. */
    #retired = null;
    /** The number of the current attempt to open a socket; results of earlier ones are ignored. */
    #attempt = 0;
    /** Why the last socket was lost or refused. */
    #reason = new FrameStreamError("", ABNORMAL, true);
    #stopWatching = null;
    #timers;
    #options;
    constructor(options) {
        this.#options = options;
        this.#timers = new Timers(options.environment.clock);
    }
    get phase() {
        return phaseOf(this.#state);
    }
    open() {
        if (!this.#options.environment.WebSocket) {
            throw new FrameStreamError("There is no WebSocket here (Node has one since 22): give the option WebSocket, for example that of `ws`.", "no_websocket");
        }
        this.#stopWatching ??= this.#watchPage();
        this.#dispatch({ type: "wanted" });
    }
    close() {
        this.#stopWatching?.();
        this.#stopWatching = null;
        this.#setReason("Closed by the client.");
        this.#dispatch({ type: "unwanted" });
    }
    /** The socket brought new text, so earlier failures are forgotten. */
    markStable() {
        if (this.#state.failures)
            this.#dispatch({ type: "stable" });
    }
    /** Send a ping; without an answer in time, the socket is replaced. */
    probe() {
        const socket = this.#socket;
        if (!socket || this.#timers.has("pong"))
            return;
        send(socket, "ping");
        this.#timers.after("pong", this.#options.patience, () => this.#onTimeout(socket));
    }
    #watchPage() {
        const { page } = this.#options.environment;
        const stopWake = page.onWake(() => this.#dispatch({ type: "wake" }));
        const stopOffline = page.onOffline?.(() => this.#dispatch({ type: "offline" }));
        return () => {
            stopWake();
            stopOffline?.();
        };
    }
    #setReason(reason, cause) {
        this.#reason = new FrameStreamError(reason, ABNORMAL, true, { cause });
    }
    #dispatch(event) {
        const before = this.phase;
        const [state, effects] = step(this.#state, event, this.#options.environment);
        this.#state = state;
        if (state.attempt !== "pausing" && state.attempt !== "held")
            this.#timers.stop("pause");
        for (const effect of effects)
            this.#perform(effect);
        if (this.phase !== before)
            this.#options.onPhase(this.phase);
    }
    #perform(effect) {
        switch (effect.do) {
            case "open":
                return void this.#openSuccessor(effect.freshToken);
            case "adopt":
                return this.#adopt();
            case "drop":
                return this.#closeAll();
            case "pause":
                return this.#timers.after("pause", effect.ms, () => this.#dispatch({ type: "retry-due" }));
            case "probe":
                return this.probe();
            case "report":
                return this.#options.onReport(effect.code, this.#reason);
        }
    }
    async #openSuccessor(freshToken) {
        const attempt = ++this.#attempt;
        try {
            const { websocket_url, ticket } = await this.#options.ticket({ freshToken });
            if (attempt !== this.#attempt)
                return;
            const url = new URL(websocket_url);
            url.searchParams.set("ticket", ticket);
            this.#attach(this.#create(url.href));
        }
        catch (error) {
            if (attempt === this.#attempt)
                this.#onRefused(error);
        }
    }
    #create(url) {
        const { environment, origin } = this.#options;
        const WebSocket = environment.WebSocket;
        return (origin ? new WebSocket(url, { headers: { Origin: origin } }) : new WebSocket(url));
    }
    #attach(socket) {
        this.#successor = socket;
        // The server may not speak before the client does.
        socket.onopen = () => send(socket, "heartbeat");
        socket.onmessage = ({ data }) => this.#onData(socket, data);
        // A close follows an error. An unhandled error of `ws` ends the process.
        let fault = "";
        socket.onerror = ({ message }) => (fault = message ?? "");
        socket.onclose = ({ code, reason }) => this.#onClose(socket, code, reason || fault);
        this.#timers.after("connect", this.#options.patience, () => this.#onTimeout(socket));
    }
    /** A code that the contract's table does not have is replaced by that of its status. */
    #onRefused(thrown) {
        const error = thrown instanceof FrameStreamError ? thrown : null;
        const { code, status = 0, retryAfter } = error ?? { code: "" };
        if (error)
            this.#reason = error;
        // Anything else comes from the constructor, which refuses the address.
        else
            this.#setReason(reasonOf(thrown), thrown);
        const known = typeof code === "number" || PAUSING_CODES.includes(code) ? code : CODE_BY_STATUS[status];
        this.#dispatch(known ? { type: "refused", code: known, retryAfter } : { type: "failed" });
    }
    #onData(socket, data) {
        const message = messageFrom(data);
        if (!message)
            return;
        if (socket === this.#successor)
            this.#dispatch({ type: "connected" });
        if (socket === this.#socket) {
            this.#timers.stop("pong");
            this.#scheduleHeartbeat(socket);
        }
        if (message.type === "system")
            this.#handleSystem(socket, message);
        this.#options.onMessage(message);
    }
    #handleSystem(socket, message) {
        if (socket !== this.#socket)
            return;
        if (message.status === "closing") {
            this.#setReason(message.message);
            this.#dispatch({ type: "closing", code: message.code });
        }
        if (message.status !== "connected")
            return;
        // Both times are the server's, so the client's clock may be wrong.
        const lifetime = Date.parse(message.expires_at) - Date.parse(message.timestamp);
        const margin = Math.min(LONGEST_MARGIN, lifetime / 10) * (0.5 + this.#options.environment.random() / 2);
        if (lifetime > 0)
            this.#timers.after("expiring", lifetime - margin, () => this.#dispatch({ type: "expiring" }));
    }
    #adopt() {
        this.#closeRetired();
        this.#retired = this.#socket;
        this.#socket = this.#successor;
        this.#successor = null;
        this.#timers.stop("connect", "expiring", "pong");
        this.#timers.after("stable", STABLE, () => this.#dispatch({ type: "stable" }));
        if (this.#retired)
            this.#timers.after("linger", LINGER, () => this.#closeRetired());
    }
    #closeRetired() {
        this.#retired?.close();
        this.#retired = null;
    }
    #closeAll() {
        const sockets = [this.#socket, this.#successor, this.#retired];
        this.#socket = this.#successor = this.#retired = null;
        this.#attempt++;
        this.#timers.stopAll();
        for (const socket of sockets)
            if (socket)
                detach(socket);
    }
    /** Every message shows that the socket works, so a ping is due only after silence. */
    #scheduleHeartbeat(socket) {
        this.#timers.after("heartbeat", this.#options.heartbeat, () => {
            if (socket === this.#socket)
                this.probe();
        });
    }
    /** Treat a silent socket as closed now: a dead one reports its close only minutes later. */
    #onTimeout(socket) {
        detach(socket);
        this.#onClose(socket, ABNORMAL, "The server does not answer.");
    }
    #onClose(socket, code, reason) {
        if (socket === this.#retired)
            this.#retired = null;
        else
            this.#setReason(reason || "The connection was lost.");
        if (socket === this.#successor) {
            this.#successor = null;
            this.#timers.stop("connect");
            this.#dispatch({ type: "failed" });
        }
        else if (socket === this.#socket) {
            this.#socket = null;
            this.#timers.stop("heartbeat", "pong", "stable", "expiring");
            this.#dispatch({ type: "lost", code });
        }
    }
}
function send(socket, type) {
    if (socket.readyState === 1)
        socket.send(JSON.stringify({ type }));
}
/** Close a socket and ignore its messages. `onerror` stays: an unhandled error of `ws` ends the process. */
function detach(socket) {
    socket.onmessage = socket.onclose = null;
    socket.close();
}
