/** The product's sign: lines of text that are still growing. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M8 11h16M8 16h11M8 21h6" />
    </svg>
  );
}
