/** Counting in Unicode code points, as the wire does; JavaScript's strings count UTF-16 units. */
const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;
/** How many code points a text has. */
export function lengthOf(text) {
    return text.length - (text.match(PAIR)?.length ?? 0);
}
/** The text without its first `count` code points. */
export function without(text, count) {
    return text.slice(beginningOf(text, count)?.length ?? text.length);
}
/** The first `count` code points of the text; null if it has fewer. */
export function beginningOf(text, count) {
    let unit = 0;
    for (; count > 0 && unit < text.length; count--)
        unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
    return count > 0 ? null : text.slice(0, unit);
}
