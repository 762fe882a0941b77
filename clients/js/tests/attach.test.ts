import { describe, expect, test } from "vitest";
import { client, server, TOKEN, until } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

const otter = () => new File(["png of an otter"], "otter.png", { type: "image/png" });
const XML = "<Error><Code>EntityTooLarge</Code><Message>Too much.</Message></Error>";

const promptOf = (to: FakeServer) => to.requests.find(({ path }) => path.endsWith("generate-response"))?.body;

describe("a file that is attached", () => {
  test("is uploaded with the form that the server gives, and its id is sent with a prompt", async () => {
    const to = await server();
    const by = client(to);

    const id = await by.attach("otters/sea", otter());
    const prompt = { chatId: "otters/sea", prompt: "What is this?", attachments: [id] };
    await by.generate(prompt).accepted;

    const [offer] = to.requests.filter(({ path }) => path.endsWith("/attachments"));
    expect(offer).toMatchObject({
      method: "POST",
      path: "/api/chat/chats/otters%2Fsea/attachments",
      token: TOKEN,
      body: { name: "otter.png", media_type: "image/png", size: 15 },
    });
    const fields = { key: "attachments/attachment-1", policy: "signed" };
    expect(to.uploads).toEqual([
      { fields, name: "otter.png", type: "image/png", content: "png of an otter" },
    ]);
    expect(promptOf(to)).toMatchObject({ attachments: ["attachment-1"] });
  });

  test.each([
    ["notes.MD", "", "text/markdown"],
    ["table.csv", "application/vnd.ms-excel", "text/csv"],
    ["log.txt", "text/plain;charset=utf-8", "text/plain"],
    ["photo.jpeg", "image/jpeg", "image/jpeg"],
    ["paper", "application/pdf; x=y", "application/pdf"],
  ])("%s, of the type %j by the system, is %s", async (name, type, expected) => {
    const to = await server();

    await client(to).attach("otters", new File(["…"], name, { type }));

    expect(to.requests.at(-1)!.body).toMatchObject({ name, media_type: expected });
  });

  test("may have another name and type, and a Blob has none of its own", async () => {
    const to = await server();

    await client(to).attach("otters", new Blob(["a,b"]), { name: "own", mediaType: "text/csv" });
    await client(to).attach("otters", new Blob(["x"], { type: "image/gif" }));

    const asked = to.requests.filter(({ path }) => path.endsWith("/attachments")).map(({ body }) => body);
    expect(asked).toEqual([
      { name: "own", media_type: "text/csv", size: 3 },
      { name: "file", media_type: "image/gif", size: 1 },
    ]);
  });

  test("is uploaded again with a new form after failures that pass", async () => {
    const to = await server();
    to.offerRefusals.push({ status: 429, code: "rate_limited" });
    to.uploadRefusals.push({ status: 503, text: "<Code>SlowDown</Code>" }, { status: 500, text: "" });

    expect(await client(to).attach("otters", otter())).toBe("attachment-3");

    expect(to.uploads.map(({ fields }) => fields.key)).toEqual(["attachments/attachment-3"]);
  });

  test("waits for a network that is away", async () => {
    const to = await server();
    to.goAway();
    const attached = client(to).attach("otters", otter());

    to.comeBack();

    expect(await attached).toBe("attachment-1");
  });

  test("that the server refuses is an error that says why", async () => {
    const to = await server();
    const errors = [{ field: "size", message: "Input should be at most 10" }];
    to.offerRefusals.push({ status: 422, code: "invalid", more: { errors } });

    await expect(client(to).attach("otters", otter())).rejects.toMatchObject({
      ...{ code: "invalid", status: 422, retryable: false, errors },
      message: "No: invalid. size: Input should be at most 10.",
    });
    expect(to.uploads).toEqual([]);
  });

  test.each([
    [XML, "The upload of otter.png was refused (EntityTooLarge: Too much.)."],
    ["<html>", "The upload of otter.png was refused (403)."],
  ])("that the bucket refuses with %s is an error that says why", async (text, message) => {
    const to = await server();
    to.uploadRefusals.push({ status: 403, text });

    const error = { code: "upload_refused", status: 403, retryable: false, message };
    await expect(client(to).attach("otters", otter())).rejects.toMatchObject(error);

    expect(to.offers).toBe(1);
  });

  test("can be stopped while it is uploaded", async () => {
    const to = await server();
    const stop = new AbortController();
    const held = new Promise<void>(
      (resolve) => (to.onUpload = () => (stop.abort(), held)) && setTimeout(resolve, 200),
    );

    const attached = client(to).attach("otters", otter(), { signal: stop.signal });

    await expect(attached).rejects.toMatchObject({ code: "cancelled", retryable: false });
    expect(to.offers).toBe(1);
  });

  test("is not asked for if it is stopped before", async () => {
    const to = await server();

    const attached = client(to).attach("otters", otter(), { signal: AbortSignal.abort() });

    await expect(attached).rejects.toMatchObject({ code: "cancelled" });
    expect(to.requests).toEqual([]);
  });

  test("is given up when the client is closed", async () => {
    const to = await server();
    const by = client(to);
    to.offerRefusals.push(...Array(99).fill({ status: 503, code: 1013 }));
    const attached = by.attach("otters", otter());
    const failed = expect(attached).rejects.toMatchObject({ code: "not_connected", retryable: true });
    await until(() => to.requests.length > 2);

    by.close();

    await failed;
  });
});

test("a prompt says in which form its answer is wanted", async () => {
  const to = await server();
  const schema = { type: "object", required: ["name"] };
  const responseFormat = {
    type: "json_schema",
    json_schema: { name: "otter", schema, strict: true },
  } as const;

  await client(to).generate({ chatId: "otters", prompt: "Name one", responseFormat }).accepted;

  expect(promptOf(to)).toMatchObject({ response_format: responseFormat });
});

describe("a file that is shown", () => {
  test("has an address, which the server gives for its chat", async () => {
    const to = await server();

    const shown = await client(to).attachment("otters/sea", "attachment-1");

    expect(shown).toMatchObject({ name: "otter.png", media_type: "image/png", expires_in: 300 });
    expect(shown.url).toBe(`${to.url}/bucket/attachment-1`);
    const path = "/api/chat/chats/otters%2Fsea/attachments/attachment-1";
    expect(to.requests.at(-1)).toMatchObject({ method: "GET", path, token: TOKEN });
  });
});
