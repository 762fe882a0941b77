import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";
import { beforeAll, describe, expect, test } from "vitest";

const HERE = new URL("..", import.meta.url).pathname;
/** Bytes of each entry, minified and zipped; the others are used with the core, and share nothing with it but types. */
const LARGEST = { index: 12_000, react: 10_750, "ai-sdk": 3_500, "ag-ui": 4_500 };

test.each(Object.entries(LARGEST))(
  "the entry %s is at most %d bytes, minified and zipped",
  async (name, largest) => {
    const entry = new URL(`../src/${name}.ts`, import.meta.url).pathname;
    const made = await build({
      configFile: false,
      logLevel: "silent",
      // Not as a library: of those Vite keeps the white space.
      build: {
        write: false,
        target: "es2023",
        modulePreload: false,
        rolldownOptions: {
          input: entry,
          preserveEntrySignatures: "strict",
          external: ["react", "ai", "@ag-ui/client", "rxjs"],
        },
      },
    });
    const { output } = made as Rollup.RollupOutput;

    const zipped = gzipSync(output[0].code).length;

    console.info(`The entry ${name} is ${zipped} bytes.`);
    expect(output).toHaveLength(1);
    expect(zipped).toBeLessThanOrEqual(largest);
  },
);

test("it needs nothing at run time", () => {
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    dependencies?: object;
  };

  expect(dependencies).toBeUndefined();
});

describe("what npm packs from a copy that was never built", () => {
  let app: string;

  beforeAll(() => {
    const home = mkdtempSync(join(tmpdir(), "framestream-package-"));
    const copy = join(home, "clone");
    app = join(home, "app");
    const isMade = /^(dist|dist\.new|node_modules)$/;
    cpSync(HERE, copy, { recursive: true, filter: (path) => !isMade.test(basename(path)) });
    symlinkSync(join(HERE, "node_modules"), join(copy, "node_modules"));
    mkdirSync(join(app, "node_modules"), { recursive: true });
    const [npm, ...before] = npmCommand();
    execFileSync(npm, [...before, "pack", "--silent", "--pack-destination", home], {
      cwd: copy,
      stdio: "ignore",
    });
    execFileSync("tar", ["-xf", join(home, "framestream-0.1.0.tgz"), "-C", join(app, "node_modules")]);
    execFileSync("mv", ["package", "framestream"], { cwd: join(app, "node_modules") });
    for (const peer of ["react", "ai", "@ag-ui", "rxjs"])
      symlinkSync(join(HERE, "node_modules", peer), join(app, "node_modules", peer));
    writeFileSync(join(app, "package.json"), '{ "private": true }');
    return () => rmSync(home, { recursive: true });
  }, 60_000);

  const run = (file: string, program: string, ...flags: string[]) => {
    writeFileSync(join(app, file), program);
    return execFileSync(process.execPath, [...flags, file], { cwd: app, encoding: "utf8" }).trim();
  };
  const used = `
    const client = new FrameStreamClient({ httpUrl: "http://127.0.0.1:9", getToken: () => "token" });
    new FrameStreamChatTransport({ client });
    new FrameStreamAgent({ client, threadId: "otters" });
    console.log(client.phase, typeof useFrameStream, typeof smoothly);
  `;
  const NAMES = {
    framestream: "FrameStreamClient",
    "framestream/react": "useFrameStream",
    "framestream/ai-sdk": "FrameStreamChatTransport",
    "framestream/ag-ui": "FrameStreamAgent",
    "framestream/smoothing": "smoothly",
  };
  const each = (line: (from: string, name: string) => string) =>
    Object.entries(NAMES)
      .map(([from, name]) => line(from, name))
      .join("\n");

  test("can be imported", () => {
    const imports = each((from, name) => `import { ${name} } from "${from}";`);

    expect(run("app.mjs", imports + used)).toBe("idle function function");
  });

  test("can be required, also where a module cannot be, as in Jest", () => {
    const requires = each((from, name) => `const { ${name} } = require("${from}");`);

    expect(run("app.cjs", requires + used, "--no-experimental-require-module")).toBe(
      "idle function function",
    );
  });

  test.each(["mts", "cts"])("has types for a .%s file", (kind) => {
    const program = `
      import { FrameStreamClient, type Generation } from "framestream";
      import { useFrameStream } from "framestream/react";
      import { FrameStreamAgent } from "framestream/ag-ui";
      declare const generation: Generation;
      export const text: string = generation.text;
      export const client = new FrameStreamClient({ httpUrl: "", getToken: () => "token" });
      export const state = () => useFrameStream({ client, chatId: "otters" }).messages[0]?.prompt;
      export async function conversing() {
        const chat = useFrameStream({ client, chatId: "otters", onBusy: "queue", usage: true });
        chat.send("Tell me", { onBusy: "interrupt" });
        chat.edit(chat.messages[0]!.id, "Tell me more");
        chat.select(chat.messages[1]!.siblings!.previous!);
        await chat.queue.edit(chat.queue.waiting[0]!.generationId!, "And cats?");
        await chat.rename("Otters");
        const { chats, next } = await client.chats.list({ limit: 20 });
        const { messages } = await client.chats.messages(chats[0]!.chat_id, { since: chats[0]!.version });
        client.generate({ chatId: "otters", prompt: "", parentId: messages[0]!.message_id, onStale: "reject" });
        const { cost } = await client.regenerate(messages[0]!.generation_id).result;
        return [next, cost, (await client.chats.usage()).day.limit_cost] satisfies (string | number | null)[];
      }
      export const agent = new FrameStreamAgent({ client, threadId: "otters", model: "small" });
      export async function inParts() {
        for await (const { parts } of generation.steps())
          for (const part of parts) if (part.kind === "source") return part.url;
        return (await agent.runAgent()).newMessages.length;
      }
      // @ts-expect-error A text is no number.
      export const wrong: number = generation.text;
    `;
    writeFileSync(join(app, `app.${kind}`), program);
    const tsc = join(HERE, "node_modules/typescript/bin/tsc");
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"];

    execFileSync(process.execPath, [tsc, ...options, "--lib", "es2022,dom,dom.iterable", `app.${kind}`], {
      cwd: app,
    });
  });
});

/** The npm that runs these tests, or else the one on the PATH. */
function npmCommand(): [string, ...string[]] {
  const { npm_execpath: npm } = process.env;
  return npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
}
