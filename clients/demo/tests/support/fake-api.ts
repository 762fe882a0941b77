/** What the fake server answers to each request of the page. */

import type { UserUsage } from "framestream";
import { now } from "./clock.ts";
import type { FakeBackend } from "./fake-backend.ts";
import { USER } from "./fake-chats.ts";

export interface ApiRequest {
  method: string;
  /** What is below /api/chat. */
  path: string[];
  query: URLSearchParams;
  content: Record<string, string>;
}

/** The reply, or null where there is no such thing. */
export function replyOf(backend: FakeBackend, { method, path, query, content }: ApiRequest): object | null {
  const { answers, chats } = backend;
  const [what, id = "", more, last = ""] = path;
  switch (`${method} ${what}${id && "/*"}${more ? `/${more}` : ""}`) {
    case "POST connection-tickets":
      return { ticket: "t", expires_in: 60, websocket_url: backend.socketUrl };
    case "POST generate-response": {
      const { chat_id, prompt, parent_id, model } = content as Record<string, string | undefined>;
      backend.asked.push(model);
      return chats.ask({ chatId: chat_id!, prompt: prompt!, parentId: parent_id });
    }
    case "POST generations/*/regenerate":
      return chats.regenerate(id);
    case "POST generations/*/cancel":
      chats.leave(id);
      answers.end(id, "cancelled");
      return { ...answers.state(id), status: "cancelled" };
    case "GET generations/*":
      return answers.state(id);
    case "GET chats":
      return { user_id: USER, chats: chats.list(), next: null, timestamp: now() };
    case "GET chats/*/messages":
      return chats.messages(id, Number(query.get("since") ?? 0));
    case "PATCH chats/*":
      return chats.rename(id, content.title!);
    case "DELETE chats/*":
      return chats.delete(id);
    case "POST chats/*/queue":
      return chats.changeQueue(id, "", "resume");
    case "PATCH chats/*/queue":
      return chats.changeQueue(id, last, { prompt: content.prompt! });
    case "DELETE chats/*/queue":
      return chats.changeQueue(id, last, "remove");
    case "GET models":
      return {
        models: backend.models.map((name) => ({ name })),
        default: backend.models[0],
        timestamp: now(),
      };
    case "GET usage":
      return usageOf(backend);
    default:
      return null;
  }
}

function usageOf(backend: FakeBackend): UserUsage {
  const none = { used_tokens: 0, held_tokens: 0, limit_tokens: null };
  const free = { used_cost: 0, held_cost: 0, limit_cost: null, is_warned: false };
  const resets_at = new Date(Date.now() + 3_600_000).toISOString();
  const period = (name: "day" | "month") => ({
    ...{ period: "2026-11-27", ...none, ...free, resets_at },
    ...backend.usage[name],
  });
  return { user_id: USER, day: period("day"), month: period("month"), timestamp: now() };
}
