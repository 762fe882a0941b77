/**
 * Makes elements of Markdown's blocks.
 *
 * There is no way from an answer to HTML: each node becomes an element of the kinds below, whose attributes are ours,
 * and HTML is shown as the text that it is. An image would be fetched from wherever an answer says, and could carry the
 * conversation there in its address, so it is shown as a link.
 */

import type { Nodes, Parents, Table } from "mdast";
import type { ReactNode } from "react";
import { CodeBlock } from "./code-block.tsx";
import { safeAddress } from "./links.ts";
import type { Block } from "./parse.ts";

/** Deeper ones are shown as text: nobody writes them, but a model may, and each level costs stack. */
const DEEPEST = 50;
const LINE_BREAK = /^<br\s*\/?>$/i;

/** `level` is that of a heading. */
export function blockElement(block: Block, level: number): ReactNode {
  if (block.type !== "heading") return element(block, 0, "auto");
  const Heading = `h${level}` as "h3" | "h4" | "h5" | "h6";
  return (
    <Heading dir="auto" data-depth={block.depth}>
      {childrenOf(block, 0)}
    </Heading>
  );
}

function element(node: Nodes, depth: number, dir?: "auto"): ReactNode {
  if (depth > DEEPEST) return textOf(node);
  const inner = () => childrenOf(node as Parents, depth);
  switch (node.type) {
    case "paragraph":
      return <p dir={dir}>{inner()}</p>;
    case "heading": // Within a list or a quote, where it is no heading of the answer.
      return (
        <p>
          <strong>{inner()}</strong>
        </p>
      );
    case "blockquote":
      return <blockquote dir={dir}>{inner()}</blockquote>;
    case "list":
      return node.ordered ? (
        <ol dir={dir} start={node.start ?? 1}>
          {inner()}
        </ol>
      ) : (
        <ul dir={dir}>{inner()}</ul>
      );
    case "listItem":
      return typeof node.checked === "boolean" ? (
        <li className="task">
          <input
            type="checkbox"
            checked={node.checked}
            disabled
            aria-label={node.checked ? "Done" : "To do"}
          />
          {inner()}
        </li>
      ) : (
        <li>{inner()}</li>
      );
    case "table":
      return <TableElement table={node} depth={depth} />;
    case "code":
      return <CodeBlock code={node.value} language={node.lang ?? ""} />;
    case "thematicBreak":
      return <hr />;
    default:
      return inlineElement(node, depth);
  }
}

function inlineElement(node: Nodes, depth: number): ReactNode {
  const inner = () => childrenOf(node as Parents, depth);
  switch (node.type) {
    case "text":
      return node.value;
    case "emphasis":
      return <em>{inner()}</em>;
    case "strong":
      return <strong>{inner()}</strong>;
    case "delete":
      return <del>{inner()}</del>;
    case "inlineCode":
      return <code dir="ltr">{node.value}</code>;
    case "break":
      return <br />;
    case "link":
      return <Link url={node.url}>{inner()}</Link>;
    case "image":
      return <Link url={node.url}>{node.alt || "Image"}</Link>;
    case "html":
      return LINE_BREAK.test(node.value) ? <br /> : <span className="markup">{node.value}</span>;
    default:
      return null; // A definition: it stands where it is used.
  }
}

function childrenOf({ children }: Parents, depth: number): ReactNode[] {
  return children.map((child, at) => <Child key={at} node={child} depth={depth + 1} />);
}

function Child({ node, depth }: { node: Nodes; depth: number }): ReactNode {
  return element(node, depth);
}

function Link({ url, children }: { url: string; children: ReactNode }) {
  const address = safeAddress(url);
  if (address === null) return <span className="markup">{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function TableElement({ table: { children, align }, depth }: { table: Table; depth: number }) {
  const [head, ...rows] = children.map((row, y) => (
    <tr key={y}>
      {row.children.map((cell, x) => {
        const Cell = y === 0 ? "th" : "td";
        return (
          <Cell key={x} dir="auto" data-align={align?.[x] ?? undefined}>
            {childrenOf(cell, depth)}
          </Cell>
        );
      })}
    </tr>
  ));
  return (
    <div className="table" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>{head}</thead>
        <tbody>{rows}</tbody>
      </table>
    </div>
  );
}

function textOf(node: Nodes): string {
  const texts: string[] = [];
  const left: Nodes[] = [node];
  for (let next = left.pop(); next; next = left.pop()) {
    if ("value" in next) texts.push(next.value);
    if ("children" in next) left.push(...[...next.children].reverse());
  }
  return texts.join("");
}
