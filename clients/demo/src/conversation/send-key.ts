/** Which key sends what was written. */

import type { KeyboardEvent } from "react";

/** While characters are being composed, Enter chooses one of them; with Shift it begins a line. */
export function isSendKey({ key, shiftKey, nativeEvent }: KeyboardEvent): boolean {
  return key === "Enter" && !shiftKey && !nativeEvent.isComposing;
}
