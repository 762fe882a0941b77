/** Chats as the server keeps them, in this process: what each request changes, and what is told of it. */

import { now } from "./clock.ts";
import type { Chat, ChatEvent, ChatMessage, ChatMessages } from "framestream";

export const USER = "demo";

interface Asked {
  chatId: string;
  prompt: string;
  parentId?: string | null | undefined;
  /** The question that is answered anew. */
  questionId?: string;
}

interface Room {
  chat: Chat;
  isPaused: boolean;
  waiting: { generationId: string; asked: Asked; at: string }[];
  messages: ChatMessage[];
}

export class FakeChats {
  readonly rooms = new Map<string, Room>();
  readonly #tell: (message: object) => void;
  readonly #run: (chatId: string, generationId: string, prompt: string) => void;
  #ids = 0;

  /** `run` is called for each prompt that is to be answered now. */
  constructor(
    tell: (message: object) => void,
    run: (chatId: string, generationId: string, prompt: string) => void,
  ) {
    this.#tell = tell;
    this.#run = run;
  }

  newId(): string {
    return (++this.#ids).toString(16).padStart(32, "0");
  }

  list(): Chat[] {
    const chats = [...this.rooms.values()].map(({ chat }) => chat);
    return chats.sort((one, other) => other.updated_at.localeCompare(one.updated_at));
  }

  messages(chatId: string, since: number): ChatMessages | null {
    const room = this.rooms.get(chatId);
    if (!room) return null;
    const { chat, messages } = room;
    const changed = messages.filter(({ number }) => number > since);
    const queue = this.#queue(room);
    return { chat, queue, messages: changed, next_since: chat.version, has_more: false, timestamp: now() };
  }

  ask(asked: Asked): object {
    const room = this.#room(asked);
    const generationId = this.newId();
    // A paused queue keeps what waits in it, and nothing else: what is asked then is answered at once.
    const waits = room.chat.running !== null || (room.waiting.length > 0 && !room.isPaused);
    if (waits) {
      room.waiting.push({ generationId, asked, at: now() });
      room.chat.waiting = room.waiting.length;
      const position = room.chat.waiting - 1;
      this.#event(room, { event: "queued", generation_id: generationId, text: asked.prompt, position });
    } else this.#start(room, generationId, asked);
    const { version } = room.chat;
    const names = { generation_id: generationId, user_id: USER, chat_id: asked.chatId, status: "queued" };
    const question = asked.questionId ?? `q${generationId.slice(1)}`;
    return { ...names, message_id: question, chat_version: version, waits, timestamp: now() };
  }

  regenerate(answerId: string): object | null {
    for (const [chatId, { messages }] of this.rooms) {
      const answer = messages.find(({ message_id }) => message_id === answerId);
      const question = messages.find(({ message_id }) => message_id === answer?.parent_id);
      if (question) return this.ask({ chatId, prompt: question.text ?? "", questionId: question.message_id });
    }
    return null;
  }

  /** Record how an answer ended, and begin the next one. */
  end(chatId: string, generationId: string, end: Partial<ChatMessage>): number {
    const room = this.rooms.get(chatId);
    if (!room) return 0;
    const { chat } = room;
    const asked = room.messages.find(
      ({ role, generation_id }) => role === "user" && generation_id === generationId,
    );
    const version = ++chat.version;
    const parent_id = asked?.message_id ?? this.#questions.get(generationId) ?? null;
    const names = { message_id: generationId, generation_id: generationId, parent_id, number: version };
    const facts = { model: "otter-1", attempt: 1, created_at: now(), role: "assistant", text: "" } as const;
    room.messages.push({ ...names, ...facts, ...end });
    Object.assign(chat, { running: null, leaf_id: generationId, updated_at: now() });
    if (end.status === "cancelled" && room.waiting.length) room.isPaused = true;
    setTimeout(() => this.#next(room));
    return version;
  }

  /** Take a prompt out of its queue, if it waits. */
  leave(generationId: string): void {
    for (const room of this.rooms.values()) {
      const others = room.waiting.filter((each) => each.generationId !== generationId);
      if (others.length === room.waiting.length) continue;
      room.waiting = others;
      room.chat.waiting = others.length;
      room.isPaused &&= others.length > 0;
      this.#event(room, { event: "unqueued", generation_id: generationId });
    }
  }

  rename(chatId: string, title: string): Chat | null {
    const room = this.rooms.get(chatId);
    if (!room) return null;
    room.chat.title = title;
    this.#event(room, { event: "title", title });
    return room.chat;
  }

  delete(chatId: string): object | null {
    const room = this.rooms.get(chatId);
    if (!room) return null;
    this.rooms.delete(chatId);
    this.#event(room, { event: "deleted" });
    return { chat_id: chatId, version: room.chat.version, timestamp: now() };
  }

  changeQueue(chatId: string, id: string, change: "resume" | { prompt: string } | "remove"): object | null {
    const room = this.rooms.get(chatId);
    const waiting = room?.waiting.find(({ generationId }) => generationId === id);
    if (!room || (change !== "resume" && !waiting)) return null;
    if (change === "resume") this.#resume(room);
    else if (change === "remove") this.leave(id);
    else {
      waiting!.asked.prompt = change.prompt;
      const position = room.waiting.indexOf(waiting!);
      this.#event(room, { event: "queue_edited", generation_id: id, text: change.prompt, position });
    }
    return { ...this.#queue(room), chat_version: room.chat.version, timestamp: now() };
  }

  /** Questions of answers that were asked for again, by the answers' ids. */
  readonly #questions = new Map<string, string>();

  #room({ chatId, prompt }: Asked): Room {
    const known = this.rooms.get(chatId);
    if (known) return known;
    const times = { created_at: now(), updated_at: now() };
    const chat = { chat_id: chatId, title: prompt.slice(0, 60), version: 0, ...times };
    const room = { isPaused: false, waiting: [], messages: [] };
    const made: Room = { chat: { ...chat, leaf_id: null, running: null, waiting: 0 }, ...room };
    this.rooms.set(chatId, made);
    return made;
  }

  #start(room: Room, generationId: string, { prompt, parentId, questionId }: Asked): void {
    const { chat } = room;
    chat.running = generationId;
    chat.updated_at = now();
    const parent_id = parentId === "root" ? null : (parentId ?? chat.leaf_id);
    if (questionId) {
      this.#questions.set(generationId, questionId);
      const names = { message_id: questionId, generation_id: generationId };
      this.#event(room, { event: "regenerate", ...names, text: prompt });
    } else {
      const names = { message_id: `q${generationId.slice(1)}`, parent_id, generation_id: generationId };
      this.#event(room, { event: "prompt", ...names, text: prompt });
      const question = { number: chat.version, role: "user", text: prompt, created_at: now() } as const;
      room.messages.push({ ...names, ...question });
    }
    this.#run(chat.chat_id, generationId, prompt);
  }

  #resume(room: Room): void {
    if (!room.isPaused) return;
    room.isPaused = false;
    this.#event(room, { event: "queue_resumed" });
    setTimeout(() => this.#next(room));
  }

  #next(room: Room): void {
    const next = room.chat.running || room.isPaused ? undefined : room.waiting.shift();
    if (next) this.#start(room, next.generationId, next.asked);
    room.chat.waiting = room.waiting.length;
  }

  #queue({ isPaused, waiting }: Room): ChatMessages["queue"] {
    const prompts = waiting.map(({ generationId, asked, at }) => ({
      ...{ generation_id: generationId, prompt: asked.prompt, created_at: at },
    }));
    return { is_paused: isPaused, waiting: prompts };
  }

  #event({ chat }: Room, event: Partial<ChatEvent>): void {
    const version = ++chat.version;
    const nothing = { message_id: null, parent_id: null, generation_id: null, text: null, title: null };
    const about = { user_id: USER, chat_id: chat.chat_id, version, timestamp: now() };
    this.#tell({ type: "chat_message", ...about, ...nothing, ...event });
  }
}
