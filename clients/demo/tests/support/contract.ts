/** Judges what is said on sockets by the schemas that are published under docs/api. */

import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { BrowserContext } from "playwright-core";

const SCHEMA = new URL("../../../../docs/api/schema.json", import.meta.url);

export class Contract {
  /** Messages that the schemas do not allow. */
  readonly breaches: string[] = [];
  /** How many messages were looked at, by their type. */
  readonly heard: Record<string, number> = {};
  readonly #ofServer: ValidateFunction;
  readonly #ofGateway: ValidateFunction;
  readonly #ofClient: ValidateFunction;

  constructor() {
    const schema = JSON.parse(readFileSync(SCHEMA, "utf8")) as { $id: string };
    const judge = new Ajv2020({ validateFormats: false });
    this.#ofServer = judge.compile(schema);
    this.#ofGateway = judge.compile({ $ref: `${schema.$id}#/$defs/GatewayMessage` });
    const ofClient = ["Heartbeat", "Ping"].map((name) => ({ $ref: `${schema.$id}#/$defs/${name}` }));
    this.#ofClient = judge.compile({ anyOf: ofClient });
  }

  /** Listen to every socket of the context's pages from now on. */
  watch(context: BrowserContext): void {
    context.on("page", (page) =>
      page.on("websocket", (socket) => {
        socket.on("framesent", ({ payload }) => this.#judge(payload, () => this.#ofClient));
        socket.on("framereceived", ({ payload }) =>
          // API Gateway's own messages have no type.
          this.#judge(payload, (message) => ("type" in message ? this.#ofServer : this.#ofGateway)),
        );
      }),
    );
  }

  #judge(payload: string | Buffer, by: (message: object) => ValidateFunction): void {
    const message = JSON.parse(String(payload)) as { type?: string };
    const type = message.type ?? "gateway";
    this.heard[type] = (this.heard[type] ?? 0) + 1;
    const validate = by(message);
    if (!validate(message)) this.breaches.push(`${JSON.stringify(validate.errors)} in ${String(payload)}`);
  }
}
