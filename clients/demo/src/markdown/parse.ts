/** Parses Markdown as models write it: CommonMark with tables, task lists, strikethrough and bare links. */

import type { Definition, Nodes, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTaskListItemFromMarkdown } from "mdast-util-gfm-task-list-item";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { gfmTable } from "micromark-extension-gfm-table";
import { gfmTaskListItem } from "micromark-extension-gfm-task-list-item";

export type Block = RootContent;

const OPTIONS = {
  extensions: [gfmAutolinkLiteral(), gfmStrikethrough(), gfmTable(), gfmTaskListItem()],
  mdastExtensions: [
    gfmAutolinkLiteralFromMarkdown(),
    gfmStrikethroughFromMarkdown(),
    gfmTableFromMarkdown(),
    gfmTaskListItemFromMarkdown(),
  ],
};

/** More containers in each other, or deeper indentation, than anybody reads. */
const DEEP = /^(?:[ \t]*(?:[>*+-]|\d{1,9}[.)])){25}|^[ \t]{200}/m;
const MARKERS = /[*_~[]/g;
const MOST_MARKERS = 2000;

const DEFINITION = /^[ >]*\[[^\]]+\]:/m;

/** Whether a link may be defined far from where it is used, so that the text can only be read as a whole. */
export function hasDefinitions(text: string): boolean {
  return DEFINITION.test(text);
}

/** A text whose parsing could take seconds is shown as it was written. */
export function parse(text: string): readonly Block[] {
  if (isTangled(text)) return [{ type: "code", value: text }];
  const { children } = fromMarkdown(text, OPTIONS);
  if (hasDefinitions(text)) resolve(children);
  return children;
}

/** The parser compares markers of emphasis and links with all those before them in their paragraph. */
function isTangled(text: string): boolean {
  const markersOf = (paragraph: string) => paragraph.match(MARKERS)?.length ?? 0;
  return DEEP.test(text) || text.split(/\n\s*\n/).some((paragraph) => markersOf(paragraph) > MOST_MARKERS);
}

/** Give each link that names its address elsewhere that address. */
function resolve(children: readonly Block[]): void {
  const links: Nodes[] = [];
  const definitions = new Map<string, Definition>();
  const left: Nodes[] = [...children].reverse();
  for (let node = left.pop(); node; node = left.pop()) {
    if (node.type === "definition" && !definitions.has(node.identifier))
      definitions.set(node.identifier, node);
    if (node.type === "linkReference" || node.type === "imageReference") links.push(node);
    if ("children" in node) left.push(...[...node.children].reverse());
  }
  for (const node of links) {
    const { url } = definitions.get((node as { identifier: string }).identifier) ?? {};
    Object.assign(node, { type: node.type === "linkReference" ? "link" : "image", url: url ?? "" });
  }
}
