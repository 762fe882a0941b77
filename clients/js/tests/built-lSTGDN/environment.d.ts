/** The environment of the client: clock, random numbers, network, and the page if there is one. */
export interface Clock {
    now(): number;
    /** Call `act` once after `ms`, unless the returned function is called before. */
    after(ms: number, act: () => void): () => void;
}
export interface Page {
    online(): boolean;
    /** Call `act` whenever the page is online or visible again, until the returned function is called. */
    onWake(act: () => void): () => void;
    /** Call `act` whenever the network goes away, until the returned function is called. */
    onOffline?(act: () => void): () => void;
}
/** The part of a WebSocket that the client uses, so that other implementations than a browser's fit. */
export interface Socket {
    readonly readyState: number;
    onopen: ((event: any) => void) | null;
    onmessage: ((event: any) => void) | null;
    onclose: ((event: any) => void) | null;
    onerror: ((event: any) => void) | null;
    send(data: string): void;
    close(): void;
}
/** The second argument is given only with the option `origin`, in the form that Node, Bun, Deno and `ws` know. */
export type SocketConstructor = new (url: string, options?: any) => Pick<Socket, "readyState" | "send" | "close">;
export interface Environment {
    clock: Clock;
    page: Page;
    random(): number;
    fetch: typeof fetch;
    WebSocket: SocketConstructor | undefined;
}
export declare function environment(own?: Partial<Environment>): Environment;
