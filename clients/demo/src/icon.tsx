/** Small pictures on buttons, which say the same in words. */

const PATHS = {
  check: "M4 12.5l5 5L20 6.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3",
  left: "M15 5l-7 7 7 7",
  menu: "M4 6h16M4 12h16M4 18h16",
  plus: "M12 5v14M5 12h14",
  pulse: "M3 12h4l3-7 4 14 3-7h4",
  repeat: "M20 11a8 8 0 1 0-2 6M20 4v7h-7",
  right: "M9 5l7 7-7 7",
  send: "M12 20V4M5 11l7-7 7 7",
  stop: "M7 7h10v10H7z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
