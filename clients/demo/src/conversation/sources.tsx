/** What an answer relies on, as the model says. Only addresses that are safe to follow are links. */

import type { SourcePart } from "framestream";
import { safeAddress } from "../markdown/links.ts";

export function Sources({ sources }: { sources: readonly SourcePart[] }) {
  if (!sources.length) return null;
  return (
    <section className="sources" aria-label="Sources">
      <ol>
        {sources.map((source) => (
          <Source key={source.index} source={source} />
        ))}
      </ol>
    </section>
  );
}

function Source({ source: { url, title, snippet } }: { source: SourcePart }) {
  const address = safeAddress(url);
  const name = title || url;
  return (
    <li dir="auto" title={snippet ?? undefined}>
      {address === null ? (
        name
      ) : (
        <a href={address} target="_blank" rel="noopener noreferrer nofollow">
          {name}
        </a>
      )}
    </li>
  );
}
