/** Counting in Unicode code points, as the wire does; JavaScript's strings count UTF-16 units. */

const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;

/** How many code points a text has. */
export function lengthOf(text: string): number {
  return text.length - (text.match(PAIR)?.length ?? 0);
}

/** The text without its first `count` code points. */
export function without(text: string, count: number): string {
  let unit = 0;
  for (; count > 0 && unit < text.length; count--) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  return text.slice(unit);
}
