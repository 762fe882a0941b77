/** The cable between page and system: it can be cut, and pulled out for a while. */

import { connect, createServer, type Socket } from "node:net";

export class Cable {
  #pairs = new Set<{ near: Socket; isSocket: boolean }>();
  #out = false;
  readonly #to: number;
  readonly #server = createServer((near) => this.#join(near));

  private constructor(to: number) {
    this.#to = to;
  }

  /** From one port of this machine to another. */
  static async lay(from: number, to: number): Promise<Cable> {
    const cable = new Cable(to);
    await new Promise<void>((resolve) => cable.#server.listen(from, "127.0.0.1", resolve));
    return cable;
  }

  /** Break all WebSockets that go through here; how many. */
  cut(): number {
    const sockets = [...this.#pairs].filter(({ isSocket }) => isSocket);
    for (const { near } of sockets) near.destroy();
    return sockets.length;
  }

  pullOut(): void {
    this.#out = true;
    for (const { near } of this.#pairs) near.destroy();
  }

  plugIn(): void {
    this.#out = false;
  }

  end(): void {
    this.pullOut();
    this.#server.close();
  }

  #join(near: Socket): void {
    if (this.#out) return void near.destroy();
    const far = connect(this.#to, "127.0.0.1");
    const pair = { near, isSocket: false };
    this.#pairs.add(pair);
    near.on("data", (data) => (pair.isSocket ||= /^upgrade: *websocket/im.test(data.toString("latin1"))));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
  }
}
