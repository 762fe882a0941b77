import { expect, test } from "vitest";
import { client, pause, server, until } from "./support/client.ts";

test("a socket that views hold is closed soon after the last of them let go", async () => {
  const to = await server();
  const by = client(to);
  const [one, other] = [by.hold(), by.hold()];
  await until(() => by.phase === "open");

  one();
  one(); // Letting go twice is letting go once.
  await pause(700);
  expect(by.phase).toBe("open");
  other();

  await until(() => by.phase === "closed");
});

test("a socket that a view takes up again in time is not closed", async () => {
  const to = await server();
  const by = client(to);
  by.hold()();
  by.hold();
  await pause(700);

  expect(by.phase).toBe("open");
  expect(to.tickets).toBe(1);
});

test("a socket is open until a prompt that is on its way has its answer", async () => {
  const to = await server();
  const by = client(to);
  const leave = by.hold();
  const generation = by.generate({ chatId: "otters", prompt: "Tell me" });
  leave();
  const id = await generation.accepted;
  to.begin(id);
  await pause(700);
  expect(by.phase).toBe("open");
  to.write(id, "Otters");
  to.complete(id);

  expect((await generation.result).text).toBe("Otters");
  await until(() => by.phase === "closed");
});

test("a client knows the answers of a chat, also those requested elsewhere", async () => {
  const to = await server();
  const by = client(to);
  by.connect();
  await until(() => by.phase === "open");
  const mine = await by.generate({ chatId: "otters", prompt: "Tell me" }).accepted;
  await by.generate({ chatId: "cats", prompt: "Tell me" }).accepted;
  const theirs = await client(to).generate({ chatId: "otters", prompt: "Tell me" }).accepted;
  to.begin(theirs);
  await until(() => by.generations("otters").length === 2);

  expect(by.generations("otters").map(({ id }) => id)).toEqual([mine, theirs]);
});

test("a client knows why its connection was refused, until it is not", async () => {
  const to = await server();
  to.refusals.push({ status: 429, code: 4429 });
  const by = client(to);
  expect(by.closeCode).toBeNull();
  by.connect();

  await until(() => by.closeCode === 4429);
  await until(() => by.phase === "open");
  expect(by.closeCode).toBeNull();
});
