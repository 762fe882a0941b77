import { describe, expect, test, vi } from "vitest";
import { FrameStreamClient, FrameStreamError, type ClientOptions } from "../src/index.ts";
import { client, pause, server, TOKEN, until } from "./support/client.ts";

const otters = { chatId: "otters", prompt: "Tell me about otters" };
const getToken = () => TOKEN;

describe("an option that cannot be right", () => {
  test.each<[string, unknown, string]>([
    ["missing", undefined, "is missing"],
    ["empty", " ", "is missing"],
    ["relative", "/api", "is no absolute URL"],
    ["without a scheme", "abc123.execute-api.eu-central-1.amazonaws.com", "is no absolute URL"],
    ["without a scheme, with a port", "localhost:3000", "does not begin with https:// or http://"],
    ["a socket's", "wss://abc123.example.com/prod", "does not begin with https:// or http://"],
    ["with the path of the API", "https://abc123.example.com/api/chat", "must not contain /api/chat"],
    ["that of a call", "https://a.example.com/api/chat/generate-response", "must not contain /api/chat"],
    ["with a query", "https://a.example.com/?stage=prod", "has a query"],
  ])("is refused when the client is made: httpUrl %s", (_, httpUrl, sentence) => {
    const make = () => new FrameStreamClient({ httpUrl, getToken } as ClientOptions);

    expect(make).toThrow(FrameStreamError);
    expect(make).toThrow(sentence);
    expect(make).toThrow("give the stack's output HttpUrl");
  });

  test("is refused when the client is made: getToken missing", () => {
    const options = { httpUrl: "https://a.example.com" } as ClientOptions;

    expect(() => new FrameStreamClient(options)).toThrow("The option getToken is missing");
  });

  test.each([
    "https://a.example.com",
    "https://a.example.com/",
    "http://192.168.0.7:8080",
    "https://a.example.com/x",
  ])("is none: %s", (httpUrl) => {
    expect(new FrameStreamClient({ httpUrl, getToken }).phase).toBe("idle");
  });

  test("given as undefined leaves the default", async () => {
    const to = await server();
    const options = { stallTimeout: undefined, userId: undefined, reconnect: { base: undefined } };

    await client(to, options as unknown as Partial<ClientOptions>).generate(otters).accepted;
  });
});

describe("an error", () => {
  test("names the fields that were refused", async () => {
    const to = await server();
    const errors = [{ field: "prompt", message: "must not be blank" }];
    const more = { detail: "Some fields are not as they must be.", errors };
    to.promptRefusals.push({ status: 422, code: "invalid", more });

    const failure = await client(to)
      .generate({ ...otters, prompt: " " })
      .result.catch((error: unknown) => error);

    expect(failure).toMatchObject({
      message: "Some fields are not as they must be. prompt: must not be blank.",
      ...{ code: "invalid", status: 422, errors },
    });
  });

  test("of the network says whom it asked, what happened, and keeps the cause", async () => {
    const onClose = vi.fn();
    const by = new FrameStreamClient({ httpUrl: "http://127.0.0.1:9", getToken, onClose });
    by.connect();
    await until(() => onClose.mock.calls.length);
    by.close();

    const { reason } = onClose.mock.calls[0]![0] as { reason: string };
    expect(reason).toMatch(/^http:\/\/127\.0\.0\.1:9: the server does not answer \(.+\)\.$/);
    expect(new FrameStreamError("x", "unreachable", true, { cause: by }).cause).toBe(by);
  });

  test("of a refused ticket is reported instead of 1006", async () => {
    const to = await server();
    const detail = "Sockets are not let in without an Origin.";
    to.refusals.push({ status: 403, code: "origin_not_allowed", more: { detail } });
    const [onClose, onError, onAuthError] = [vi.fn(), vi.fn(), vi.fn()];
    const by = client(to, { onClose, onError, onAuthError });

    by.connect();
    await until(() => by.phase === "closed");
    await pause(50);

    expect(to.tickets).toBe(1);
    expect(onClose).toHaveBeenCalledExactlyOnceWith({ code: 4003, reason: detail, willReconnect: false });
    expect(onError.mock.calls[0]![0]).toMatchObject({ code: "origin_not_allowed", message: detail });
    expect(onAuthError).not.toHaveBeenCalled();
  });

  test("that too many tickets were taken is a pause, and not the word for too many pages", async () => {
    const to = await server();
    to.refusals.push(...Array(9).fill({ status: 429, code: "rate_limited" }));
    const onClose = vi.fn();
    const by = client(to, { onClose });

    by.connect();
    await until(() => by.phase === "open");

    expect(onClose).toHaveBeenCalledTimes(9);
    expect(onClose).toHaveBeenCalledWith({ code: 1013, reason: "No: rate_limited.", willReconnect: true });
  });
});

describe("a listener that fails", () => {
  test.each([
    [
      "throws",
      () => {
        throw new Error("My own fault");
      },
    ],
    ["rejects", () => Promise.reject(new Error("My own fault")) as unknown as void],
  ])("is written down when it %s, and the others hear all the same", async (_, fail) => {
    const to = await server();
    const written = vi.spyOn(console, "error").mockImplementation(() => {});
    const onFrameUpdate = vi.fn();
    const by = client(to, { onMessage: fail, onPhase: fail, onFrameUpdate: fail, onStatusUpdate: fail });
    by.listen({ onFrameUpdate });
    to.onPrompt = (id) => {
      to.begin(id);
      to.write(id, "Otters");
      to.complete(id);
    };

    expect((await by.generate(otters).result).text).toBe("Otters");
    await pause(10);

    expect(onFrameUpdate).toHaveBeenCalled();
    expect(written.mock.calls.map(([error]) => (error as Error).message)).toContain("My own fault");
    written.mockRestore();
  });
});
