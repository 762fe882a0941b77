/** A client for tests: the same behaviour, with pauses of milliseconds. */

import { onTestFinished } from "vitest";
import { FrameStreamClient, type ClientOptions, type Page } from "../../src/index.ts";
import { FakeServer } from "./server.ts";

const claims = btoa(JSON.stringify({ sub: "user_1" }));
export const TOKEN = `header.${claims}.signature`;

export async function server(): Promise<FakeServer> {
  const started = await FakeServer.start();
  onTestFinished(() => started.stop());
  return started;
}

/** A page whose network and visibility a test controls. */
export class FakePage implements Page {
  isOnline = true;
  readonly #wakers = new Set<() => void>();
  readonly #sleepers = new Set<() => void>();

  online(): boolean {
    return this.isOnline;
  }

  onWake(act: () => void): () => void {
    this.#wakers.add(act);
    return () => void this.#wakers.delete(act);
  }

  onOffline(act: () => void): () => void {
    this.#sleepers.add(act);
    return () => void this.#sleepers.delete(act);
  }

  goOffline(): void {
    this.isOnline = false;
    for (const act of [...this.#sleepers]) act();
  }

  wake(): void {
    this.isOnline = true;
    for (const act of [...this.#wakers]) act();
  }
}

export function client(to: FakeServer, options: Partial<ClientOptions> = {}): FrameStreamClient {
  const made = new FrameStreamClient({
    httpUrl: to.url,
    getToken: () => TOKEN,
    reconnect: { base: 5, cap: 20, idleCap: 40, pauseWhenFull: 20 },
    patience: 300,
    stallTimeout: 400,
    ...options,
  });
  onTestFinished(() => made.close());
  return made;
}

/** Wait until something holds. */
export async function until(holds: () => unknown, ms = 12_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`It never held: ${holds}`);
    await pause(3);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
