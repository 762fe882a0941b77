import { describe, expect, test, vi } from "vitest";
import { client, pause, server, TOKEN, until } from "./support/client.ts";

const otters = { chatId: "otters", prompt: "Tell me about otters" };

describe("a token", () => {
  test("that expired is replaced once", async () => {
    const to = await server();
    const getToken = vi.fn(({ fresh }: { fresh: boolean }) => (fresh ? TOKEN : "expired"));
    const by = client(to, { getToken });

    by.connect();
    await until(() => by.phase === "open");

    expect(to.requests.map(({ token }) => token)).toEqual(["expired", TOKEN]);
  });

  test("is refreshed once for all calls that find it expired, however slowly", async () => {
    const to = await server();
    let token = "expired";
    const getToken = vi.fn(async ({ fresh }: { fresh: boolean }) => {
      await pause(30);
      return fresh ? (token = TOKEN) : token;
    });
    const by = client(to, { getToken });

    await Promise.all(Array.from({ length: 4 }, () => by.generate(otters).accepted));
    await until(() => by.phase === "open");

    expect(getToken.mock.calls.filter(([{ fresh }]) => fresh)).toHaveLength(1);
  });

  test("that expires again is refreshed again", async () => {
    const to = await server();
    let [token, lifetime] = ["expired", 1];
    const getToken = ({ fresh }: { fresh: boolean }) => (fresh ? (token = TOKEN) : token);
    const by = client(to, { getToken });

    for (; lifetime <= 3; lifetime++) {
      await by.generate(otters).accepted;
      token = "expired";
    }

    expect(to.answers.size).toBe(3);
  });

  test("that stays refused ends in one onAuthError, with 4001 as if it were the close code", async () => {
    const to = await server();
    const [onAuthError, onClose] = [vi.fn(), vi.fn()];
    const getToken = vi.fn(() => "expired");
    const by = client(to, { getToken, userId: "user_1", onAuthError, onClose });

    const generations = Array.from({ length: 5 }, () => by.generate(otters));
    for (const { result } of generations) await expect(result).rejects.toMatchObject({ code: 4001 });
    await until(() => by.phase === "closed");
    await pause(50);

    expect(onAuthError).toHaveBeenCalledOnce();
    expect(onClose).toHaveBeenCalledExactlyOnceWith({
      code: 4001,
      reason: "No: 4001.",
      willReconnect: false,
    });
    await expect(by.generate(otters).result).rejects.toMatchObject({ code: 4001 });
    expect(onAuthError).toHaveBeenCalledTimes(2);
  });

  test("that is refused for a socket's successor is reported at once, and not only when the socket ends", async () => {
    const to = await server();
    let token = TOKEN;
    const [onAuthError, onClose] = [vi.fn(), vi.fn()];
    const by = client(to, { getToken: () => token, onAuthError, onClose });
    by.connect();
    await until(() => by.phase === "open");

    token = "expired";
    to.send({ type: "system", status: "closing", code: 4001, message: "The token expires.", timestamp: "" });

    await until(() => onAuthError.mock.calls.length);
    expect(onClose.mock.calls.at(-1)![0]).toMatchObject({ code: 4001, willReconnect: false });
    expect(by.phase).toBe("open");
  });
});

describe("a getToken", () => {
  test.each<[string, () => string | Promise<string>]>([
    ["fails", () => Promise.reject(new Error("Try again."))],
    [
      "throws at once",
      () => {
        throw new Error("Try again.");
      },
    ],
    ["rejects with nothing", () => Promise.reject(undefined)],
    ["gives nothing", () => undefined as unknown as string],
    ["never answers", () => new Promise(() => {})],
  ])("that %s once is asked again", async (_, first) => {
    const to = await server();
    let calls = 0;
    const getToken = () => (calls++ ? TOKEN : first());

    await client(to, { getToken, tokenTimeout: 50 }).generate(otters).accepted;
  });

  test.each<[string, () => string | Promise<string>, string]>([
    ["rejects", () => Promise.reject(new Error("Sign in first")), "getToken failed: Sign in first."],
    ["rejects with nothing", () => Promise.reject(undefined), "getToken failed: no reason was given."],
    ["rejects with a text", () => Promise.reject("No user"), "getToken failed: No user."],
    ["gives nothing", () => null as unknown as string, "getToken failed: it gave no token."],
    ["never answers", () => new Promise(() => {}), "getToken failed: no answer within 0.03 s."],
  ])("that always %s is an error that says so", async (_, getToken, message) => {
    const to = await server();
    const [onError, onClose] = [vi.fn(), vi.fn()];
    const by = client(to, { getToken, onError, onClose, tokenTimeout: 30 });

    await expect(by.generate(otters).result).rejects.toMatchObject({ code: "no_token", message });
    expect(onError).toHaveBeenCalledOnce();
    expect(onClose.mock.calls[0]![0]).toMatchObject({ reason: message, willReconnect: true });
  });

  test("whose own back end is away is asked until it is there", async () => {
    const to = await server();
    let isAway = true;
    const getToken = async () => {
      if (isAway) throw new TypeError("Failed to fetch");
      return TOKEN;
    };
    const generation = client(to, { getToken }).generate(otters);
    await pause(300);

    isAway = false;

    await generation.accepted;
  });
});
