/** What the client needs from where it runs: time, chance, the network, and the page if there is one. */

export interface Clock {
  now(): number;
  /** Call `act` once after `ms`; the function that comes back prevents it. */
  after(ms: number, act: () => void): () => void;
}

export interface Page {
  online(): boolean;
  /** Call `act` whenever the page is online again or looked at again; the function that comes back ends that. */
  onWake(act: () => void): () => void;
  /** Call `act` whenever the network goes away; the function that comes back ends that. */
  onOffline?(act: () => void): () => void;
}

/** What is used of a WebSocket, so that others than a browser's fit, too. */
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
export type SocketConstructor = new (
  url: string,
  options?: any,
) => Pick<Socket, "readyState" | "send" | "close">;

export interface Environment {
  clock: Clock;
  page: Page;
  random(): number;
  fetch: typeof fetch;
  WebSocket: SocketConstructor | undefined;
}

const clock: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** A browser's page or worker; elsewhere the network counts as up, and nothing wakes. */
const page: Page = {
  online: () => globalThis.navigator?.onLine ?? true,
  onWake(act) {
    const unline = heard("online", act);
    if (typeof document === "undefined") return unline;
    const seen = () => document.visibilityState === "visible" && act();
    document.addEventListener("visibilitychange", seen);
    return () => {
      unline();
      document.removeEventListener("visibilitychange", seen);
    };
  },
  onOffline: (act) => heard("offline", act),
};

/** Only what knows whether it is online says so. */
function heard(event: "online" | "offline", act: () => void): () => void {
  if (globalThis.navigator?.onLine === undefined) return () => {};
  addEventListener(event, act);
  return () => removeEventListener(event, act);
}

export function environment(own: Partial<Environment> = {}): Environment {
  return {
    clock,
    page,
    random: Math.random,
    fetch: (...request) => fetch(...request),
    WebSocket: globalThis.WebSocket,
    ...own,
  };
}
