/** What happens behind the text: connection, pace, and the messages themselves. */

import { useSyncExternalStore } from "react";
import type { Phase } from "framestream";
import type { Meter } from "./meter.ts";

interface Props {
  meter: Meter;
  phase: Phase;
}

/** In the reader's own time, to the millisecond. */
const TIME = new Intl.DateTimeFormat(undefined, {
  ...({ hour: "2-digit", minute: "2-digit", second: "2-digit" } as const),
  ...({ fractionalSecondDigits: 3, hourCycle: "h23" } as const),
});

export function Panel({ meter, phase }: Props) {
  const reading = useSyncExternalStore(meter.subscribe, meter.reading);
  const facts = [
    ["Connection", phase],
    ["Opened", `${reading.connections} ×`],
    ["First text after", milliseconds(reading.toFirstText)],
    ["Between frames", milliseconds(reading.betweenFrames)],
    ["Characters", String(reading.characters)],
    ["Messages", String(reading.messages)],
  ] as const;
  return (
    <aside id="panel" aria-label="Live">
      <h2>Live</h2>
      <dl data-connection-id={reading.connectionId}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>Messages, newest first</h3>
      <ol className="log" tabIndex={0} aria-label="Messages, newest first">
        {reading.log.map(({ number, time, type, detail }) => (
          <li key={number} data-type={type}>
            <time dateTime={time.toISOString()}>{TIME.format(time)}</time> <b>{type}</b> {detail}
          </li>
        ))}
      </ol>
    </aside>
  );
}

function milliseconds(value: number | null): string {
  return value === null ? "–" : `${Math.round(value)} ms`;
}
