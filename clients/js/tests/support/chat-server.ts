/** The server's side of chats, as its rules are written: heads with versions, messages that are only added, a queue. */

import type { Chat, ChatMessage, ChatMessages, ChatQueue, GenerationState } from "../../src/wire.ts";

export interface Head {
  version: number;
  begunAfter: number;
  title: string;
  createdAt: string;
  updatedAt: string;
  leaf: string | null;
  running: string | null;
  waiting: string[];
  isPaused: boolean;
  isInterrupting: boolean;
  isDeleted: boolean;
  messages: ChatMessage[];
}

export interface Made {
  id: string;
  key: string;
  chatId: string;
  prompt: string;
  attachments?: string[] | undefined;
  questionId: string;
  status: GenerationState["status"];
  attempt: number;
  text: string;
  waits: boolean;
  isRegenerated: boolean;
  isCancelling: boolean;
  parentId: string | null | undefined;
  /** The version that its acceptance, or its release, made. */
  version: number;
  reply?: object;
}

export class Problem extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, code: string, more: object = {}) {
    super(code);
    this.status = status;
    this.body = { status, code, detail: `No: ${code}.`, ...more };
  }
}

export type Body = Record<string, string | undefined>;
export type Tell = (message: object) => void;

const HEAD = {
  version: 0,
  begunAfter: 0,
  title: "",
  createdAt: "",
  updatedAt: "",
  leaf: null,
  running: null,
} as const;

export class ChatServer {
  readonly heads = new Map<string, Head>();
  readonly made = new Map<string, Made>();
  /** A generation that runs from now on. */
  onRun: (made: Made) => void = () => {};
  readonly #byKey = new Map<string, Made>();
  readonly #tell: Tell;
  readonly #time: () => string;

  constructor(tell: Tell, time: () => string) {
    this.#tell = tell;
    this.#time = time;
  }

  generate(body: Body, key: string): object {
    const known = this.#byKey.get(key);
    if (known?.reply) return known.reply;
    const chatId = body.chat_id!;
    const made = this.#new(chatId, key, body.prompt!, body.parent_id);
    made.attachments = body.attachments as unknown as string[] | undefined;
    return this.#place(made, body.on_busy);
  }

  regenerate(id: string, body: Body, key: string): object {
    const known = this.#byKey.get(key);
    if (known?.reply) return known.reply;
    const old = this.made.get(id);
    if (!old || !this.heads.get(old.chatId)?.messages.some(({ message_id }) => message_id === id))
      throw new Problem(404, "not_found");
    const made = this.#new(old.chatId, key, old.prompt, undefined);
    Object.assign(made, { questionId: old.questionId, isRegenerated: true });
    return this.#place(made, body.on_busy);
  }

  messages(chatId: string, since: number, limit: number): ChatMessages {
    const head = this.#head(chatId);
    const all = head.messages.filter(({ number }) => number > since);
    const messages = all.slice(0, limit).map((message) => structuredClone(message));
    const has_more = all.length > messages.length;
    const next_since = has_more ? messages.at(-1)!.number : head.version;
    return {
      chat: this.#chat(chatId),
      queue: this.#queue(head),
      messages,
      next_since,
      has_more,
      timestamp: this.#time(),
    };
  }

  list(limit: number, before: number): object {
    const open = [...this.heads]
      .filter(([, { isDeleted }]) => !isDeleted)
      .map(([chatId]) => this.#chat(chatId));
    const all = open.sort((one, other) => other.updated_at.localeCompare(one.updated_at));
    const chats = all.slice(before, before + limit);
    const next = before + limit < all.length ? String(before + limit) : null;
    return { user_id: "user_1", chats, next, timestamp: this.#time() };
  }

  rename(chatId: string, title: string): Chat {
    const head = this.#head(chatId);
    head.title = title;
    this.#touch(head);
    this.#news(chatId, "title", { title });
    return this.#chat(chatId);
  }

  delete(chatId: string): object {
    const head = this.#head(chatId);
    for (const made of this.made.values())
      if (made.chatId === chatId && isOpen(made)) Object.assign(made, { status: "cancelled", waits: false });
    Object.assign(head, { ...HEAD, version: head.version + 1, waiting: [], messages: [], isDeleted: true });
    this.#news(chatId, "deleted", {});
    return { chat_id: chatId, version: head.version, timestamp: this.#time() };
  }

  editQueue(chatId: string, id: string, prompt: string): object {
    const head = this.#waiting(chatId, id);
    this.made.get(id)!.prompt = prompt;
    this.#touch(head);
    this.#news(chatId, "queue_edited", { generation_id: id, text: prompt });
    return this.#changed(head);
  }

  removeQueued(chatId: string, id: string): object {
    const head = this.#waiting(chatId, id);
    head.waiting = head.waiting.filter((other) => other !== id);
    head.isPaused = head.isPaused && head.waiting.length > 0;
    Object.assign(this.made.get(id)!, { waits: false, status: "cancelled" });
    this.#touch(head);
    this.#news(chatId, "unqueued", { generation_id: id });
    return this.#changed(head);
  }

  resume(chatId: string): object {
    const head = this.#head(chatId);
    head.isPaused = false;
    this.#touch(head);
    this.#news(chatId, "queue_resumed", {});
    this.#release(head);
    return this.#changed(head);
  }

  /** Ask a worker to stop; what has not begun ends at once. */
  cancel(id: string): Made {
    const made = this.made.get(id);
    if (!made) throw new Problem(404, "not_found");
    if (made.waits) this.removeQueued(made.chatId, id);
    else if (isOpen(made)) made.isCancelling = true;
    return made;
  }

  begin(made: Made): void {
    made.attempt++;
    made.status = "processing";
    made.text = "";
    this.#about(made, { type: "llm_status", status: "started", message: "" });
  }

  write(made: Made, delta: string): void {
    const offset = [...made.text].length;
    made.text += delta;
    if (!offset) this.#about(made, { type: "llm_status", status: "streaming", message: "" });
    this.#about(made, {
      type: "llm_frame",
      frame: { status: "streaming", delta, offset, progress: "indeterminate" },
    });
  }

  end(made: Made, status: "completed" | "failed" | "cancelled"): void {
    const head = this.heads.get(made.chatId)!;
    if (!isOpen(made)) return; // Its chat was deleted.
    made.status = status;
    const failure = { error: "It broke.", code: "llm_unavailable" as const, retryable: true };
    const { id, chatId, questionId, attempt } = made;
    const length = [...made.text].length;
    if (head.running === id) {
      this.#touch(head);
      head.running = null;
      head.leaf = id;
      if (status === "cancelled" && !head.isInterrupting && head.waiting.length) head.isPaused = true;
      head.isInterrupting = false;
      head.messages.push({
        ...{
          message_id: id,
          parent_id: questionId,
          number: head.version,
          role: "assistant",
          text: made.text,
        },
        ...{
          generation_id: id,
          created_at: this.#time(),
          status,
          attempt,
          model: "fake",
          finish_reason: null,
        },
        ...{ usage: null, cost: null, context: null },
        ...(status === "failed" ? failure : { error: null, code: null, retryable: null }),
      });
    }
    const { version: chat_version } = head;
    if (status === "failed") this.#about(made, { type: "llm_error", ...failure });
    if (status === "completed") {
      const names = { event: "response_generated", user_id: "user_1", chat_id: chatId, generation_id: id };
      const data = {
        ...names,
        response: made.text,
        model: "fake",
        finish_reason: "stop",
        usage: null,
        length,
      };
      this.#about(made, { type: "llm_response", data: { ...data, timestamp: this.#time() } });
    }
    this.#about(made, { type: "llm_status", status, message: "", chat_version });
    this.#release(head);
  }

  state(id: string, offset: number): object {
    const made = this.made.get(id);
    if (!made || this.heads.get(made.chatId)?.isDeleted) throw new Problem(404, "not_found");
    const failed = made.status === "failed";
    const length = [...made.text].length;
    return {
      ...{
        generation_id: id,
        user_id: "user_1",
        chat_id: made.chatId,
        status: made.status,
        attempt: made.attempt,
      },
      ...{
        offset,
        text: [...made.text].slice(offset).join(""),
        next_offset: length,
        has_more: false,
        length,
      },
      ...{
        model: "fake",
        finish_reason: null,
        usage: null,
        created_at: this.#time(),
        timestamp: this.#time(),
      },
      ...{
        error: failed ? "It broke." : null,
        code: failed ? "llm_unavailable" : null,
        retryable: failed || null,
      },
      ...{ parent_message_id: made.questionId, chat_version: made.version, waits: made.waits },
    };
  }

  /** What a new socket is told of answers under way. */
  retold(): object[] {
    const running = [...this.made.values()].filter(({ status }) => status === "processing");
    return running.flatMap((made) => {
      const frame = { status: "streaming", delta: made.text, offset: 0, progress: "indeterminate" };
      if (!made.text) return [];
      const status = { type: "llm_status", status: "streaming", message: "" };
      return [this.#named(made, status), this.#named(made, { type: "llm_frame", frame })];
    });
  }

  #new(chatId: string, key: string, prompt: string, parent: string | undefined): Made {
    const id = `generation-${this.made.size + 1}`;
    return {
      ...{ id, key, chatId, prompt, questionId: `question-${id}`, status: "queued", attempt: 0, text: "" },
      ...{ waits: false, isRegenerated: false, isCancelling: false, version: 0 },
      parentId: parent === "root" ? null : parent,
    };
  }

  #place(made: Made, onBusy = "reject"): object {
    const head = this.#begun(made);
    if (made.parentId && !head.messages.some(({ message_id }) => message_id === made.parentId))
      if (made.parentId !== head.running) throw new Problem(422, "invalid");
    if (head.running && onBusy === "reject") throw new Problem(409, "busy", { generation_id: head.running });
    this.made.set(made.id, made);
    this.#byKey.set(made.key, made);
    this.heads.set(made.chatId, head);
    this.#touch(head);
    if (!head.running) this.#run(made, head, made.parentId === undefined ? head.leaf : made.parentId);
    else {
      const isFirst = onBusy === "interrupt";
      head.waiting = isFirst ? [made.id, ...head.waiting] : [...head.waiting, made.id];
      Object.assign(made, { waits: true, version: head.version });
      this.#news(made.chatId, "queued", {
        generation_id: made.id,
        text: made.isRegenerated ? null : made.prompt,
        message_id: made.questionId,
        position: head.waiting.indexOf(made.id),
      });
      if (isFirst) {
        head.isInterrupting = true;
        head.isPaused = false;
        this.made.get(head.running)!.isCancelling = true;
      }
    }
    const { id, chatId, questionId, parentId = null, version, waits } = made;
    made.reply = {
      ...{ generation_id: id, chat_id: chatId, user_id: "user_1", status: "queued", message_id: questionId },
      ...{ parent_id: parentId, chat_version: version, waits, timestamp: this.#time() },
    };
    return made.reply;
  }

  #begun({ chatId, prompt }: Made): Head {
    const former = this.heads.get(chatId);
    if (former && !former.isDeleted) return former;
    const version = former?.version ?? 0;
    const title = [...prompt].slice(0, 80).join("");
    const flags = { isPaused: false, isInterrupting: false, isDeleted: false };
    const createdAt = this.#time();
    return { ...HEAD, ...flags, version, begunAfter: version, title, createdAt, waiting: [], messages: [] };
  }

  #run(made: Made, head: Head, parent: string | null): void {
    head.running = made.id;
    made.version = head.version;
    made.waits = false;
    const { id, chatId, questionId, prompt } = made;
    const enclosed = made.attachments?.length ? { attachments: made.attachments } : {};
    if (!made.isRegenerated) {
      made.parentId = parent;
      head.messages.push({
        ...{ message_id: questionId, parent_id: parent, number: head.version, role: "user", text: prompt },
        ...{ generation_id: id, created_at: this.#time(), ...enclosed },
      });
    }
    const names = { message_id: questionId, parent_id: made.parentId ?? null, generation_id: id };
    const version = head.version;
    this.onRun(made);
    const question = { ...names, text: prompt, version, ...enclosed };
    this.#news(chatId, made.isRegenerated ? "regenerate" : "prompt", question);
  }

  #release(head: Head): void {
    if (head.running || head.isPaused || head.isDeleted || !head.waiting.length) return;
    const [next, ...waiting] = head.waiting;
    const made = this.made.get(next!)!;
    head.waiting = waiting;
    this.#touch(head);
    this.#run(made, head, made.parentId === undefined ? head.leaf : made.parentId);
  }

  #touch(head: Head): void {
    head.version++;
    head.updatedAt = this.#time();
  }

  #head(chatId: string): Head {
    const head = this.heads.get(chatId);
    if (!head || head.isDeleted) throw new Problem(404, "not_found");
    return head;
  }

  #waiting(chatId: string, id: string): Head {
    const head = this.#head(chatId);
    if (!head.waiting.includes(id)) throw new Problem(404, "not_found");
    return head;
  }

  #chat(chatId: string): Chat {
    const { title, version, createdAt, updatedAt, leaf, running, waiting } = this.#head(chatId);
    const times = { created_at: createdAt, updated_at: updatedAt };
    return { chat_id: chatId, title, version, ...times, leaf_id: leaf, running, waiting: waiting.length };
  }

  #queue({ isPaused, waiting }: Head): ChatQueue {
    const prompts = waiting.map((id) => {
      const { isRegenerated, prompt } = this.made.get(id)!;
      return { generation_id: id, prompt: isRegenerated ? null : prompt, created_at: this.#time() };
    });
    return { is_paused: isPaused, waiting: prompts };
  }

  #changed(head: Head): object {
    return { ...this.#queue(head), chat_version: head.version, timestamp: this.#time() };
  }

  #news(chatId: string, event: string, content: object): void {
    const nothing = { message_id: null, parent_id: null, generation_id: null, text: null, title: null };
    const { version } = this.heads.get(chatId)!;
    const names = { type: "chat_message", timestamp: this.#time(), user_id: "user_1", chat_id: chatId };
    this.#tell({ ...names, version, event, ...nothing, ...content });
  }

  #about(made: Made, content: object): void {
    this.#tell(this.#named(made, content));
  }

  #named({ id, chatId, attempt }: Made, content: object): object {
    const names = { user_id: "user_1", chat_id: chatId, generation_id: id, attempt };
    return { ...names, timestamp: this.#time(), ...content };
  }
}

export function isOpen({ status }: Made): boolean {
  return status === "queued" || status === "processing";
}
