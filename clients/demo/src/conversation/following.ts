/** Keeps the end of a growing conversation in view, unless the reader has scrolled away from it. */

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end at which one still is at it. */
const NEAR = 60;

export function useFollowing(content: unknown) {
  const section = useRef<HTMLElement>(null);
  const isFollowing = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);
  /** Where it was scrolled to. */
  const top = useRef(0);
  const follow = useCallback(() => {
    const { current } = section;
    if (!current || !isFollowing.current) return;
    // The reader has scrolled up, and the event that tells it comes later than the text.
    if (current.scrollTop < top.current && farFromEnd(current)) isFollowing.current = false;
    else current.scrollTo({ top: current.scrollHeight });
    top.current = current.scrollTop;
  }, []);
  useEffect(() => {
    const { current } = section;
    if (!current) return;
    const look = () => {
      // A scroll of ours is told after the text may have grown again: only one that goes up is the reader's.
      if (!farFromEnd(current)) isFollowing.current = true;
      else if (current.scrollTop < top.current) isFollowing.current = false;
      top.current = current.scrollTop;
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
    top.current = 0;
    setAtEnd(true);
    follow();
    section.current?.focus({ preventScroll: true });
  };
  return { section, isAtEnd, goToEnd };
}

function farFromEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight >= NEAR;
}
