/** Keeps the end of a growing conversation in view, unless the reader has scrolled away from it. */

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end at which one still is at it. */
const NEAR = 60;

export function useFollowing(content: unknown) {
  const section = useRef<HTMLElement>(null);
  const isFollowing = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);
  const follow = useCallback(() => {
    if (isFollowing.current) section.current?.scrollTo({ top: section.current.scrollHeight });
  }, []);
  useEffect(() => {
    const { current } = section;
    if (!current) return;
    const look = () => {
      isFollowing.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR;
      setAtEnd(isFollowing.current);
    };
    const room = new ResizeObserver(follow); // A notice or the panel may take some of it.
    current.addEventListener("scroll", look, { passive: true });
    room.observe(current);
    for (const child of current.children) room.observe(child); // Coloured code may be higher.
    return () => {
      current.removeEventListener("scroll", look);
      room.disconnect();
    };
  }, [follow]);
  useLayoutEffect(follow, [content, follow]);
  const goToEnd = () => {
    isFollowing.current = true;
    setAtEnd(true);
    follow();
    section.current?.focus({ preventScroll: true });
  };
  return { section, isAtEnd, goToEnd };
}
