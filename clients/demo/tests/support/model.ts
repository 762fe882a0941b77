/**
 * A model that writes as long and as fast as its prompt says: "300 words, 20 a second"; or else, of otters. A prompt
 * with "forbidden" in it is filtered; after "think first" the model reasons, and "with a source" it names one.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const ODD = ["🦦", "naïve", "漢字", "👩‍👩‍👧", "é́"];
const PLAIN = "otters hold hands while they sleep so that they do not drift apart".split(" ");

export interface Model {
  url: string;
  /** Requests that were left before their answer's end. */
  left(): number;
  /** Write what is left of the answers at once. */
  finish(): void;
  close(): void;
}

const OTTERS = [
  "Otters hold hands, or more exactly paws, so that they do not drift apart while they sleep.\n\n",
  "Sea otters rest on their backs at the surface, where currents and waves would carry each of them somewhere else. ",
  "A mother may also wrap her pup in a strand of kelp that grows from the sea floor, as a boat is tied to its buoy. ",
  "Several animals together are called a raft, and rafts of more than a hundred have been counted.\n\n",
  "There is a second reason: warmth. Otters have no blubber, only the densest fur of all mammals, and paws lose heat. ",
  "Out of the water, and held by somebody, they stay dry. Whether they enjoy it as well, nobody has asked them yet.",
].join("");

export const THOUGHTS = "They sleep on their backs.\n\nSo something must hold them: paws, or kelp? 🦦";
export const SOURCE = { url: "https://otters.example/sleep", title: "How otters sleep" };

/** The whole answer to a prompt. */
export function answerTo(prompt: string): string {
  return wordsOf(prompt).join("");
}

function wordsOf(prompt: string): string[] {
  const count = /(\d+) words/.exec(prompt)?.[1];
  if (!count) return OTTERS.match(/\S+\s*/g)!;
  return Array.from({ length: Number(count) }, (_, n) => {
    const words = n % 9 === 8 ? ODD : PLAIN;
    return `${words[n % words.length]} `;
  });
}

export async function startModel(port = 0): Promise<Model> {
  let left = 0;
  const slow = new Set<AbortController>();
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { messages } = JSON.parse(body) as { messages: { content: string }[] };
    const prompt = messages.at(-1)!.content;
    if (prompt.includes("forbidden")) {
      response.writeHead(400, { "content-type": "application/json" });
      const error = { message: "It was filtered.", type: "invalid_request_error", code: "content_filter" };
      return void response.end(JSON.stringify({ error }));
    }
    const perSecond = Number(/(\d+) a second/.exec(prompt)?.[1] ?? 30);
    let gone = false;
    const hurry = new AbortController();
    slow.add(hurry);
    response.on("close", () => {
      gone = true;
      slow.delete(hurry);
      hurry.abort();
    });
    response.writeHead(200, { "content-type": "text/event-stream" });
    const say = (delta: object, finish_reason: string | null = null) => {
      const choices = [{ index: 0, delta, finish_reason }];
      const chunk = { id: "1", object: "chat.completion.chunk", created: 1, model: "slow", choices };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    const thoughts = prompt.includes("think first") ? THOUGHTS.split(/(?<=\s)/) : [];
    const words = wordsOf(prompt).map((content) => ({ content }));
    for (const delta of [...thoughts.map((reasoning_content) => ({ reasoning_content })), ...words]) {
      if (gone) return void left++;
      say(delta);
      await pause(1000 / perSecond, undefined, { signal: hurry.signal }).catch(() => undefined);
    }
    const { url, title } = SOURCE;
    const url_citation = { url, title, start_index: 0, end_index: 6 };
    if (prompt.includes("with a source")) say({ annotations: [{ type: "url_citation", url_citation }] });
    say({}, "stop");
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    left: () => left,
    finish: () => slow.forEach((hurry) => hurry.abort()),
    close: () => void server.close().closeAllConnections(),
  };
}
