/** Counting in Unicode code points, as the wire does; JavaScript's strings count UTF-16 units. */
/** How many code points a text has. */
export declare function lengthOf(text: string): number;
/** The text without its first `count` code points. */
export declare function without(text: string, count: number): string;
/** The first `count` code points of the text; null if it has fewer. */
export declare function beginningOf(text: string, count: number): string | null;
