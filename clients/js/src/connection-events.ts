/** The events and the effects of the connection's state machine. */

export type ConnectionEvent =
  /** The application asks for a connection. */
  | { type: "wanted" }
  /** The application closes the connection. */
  | { type: "unwanted" }
  /** The server answered on the new socket. */
  | { type: "connected" }
  /** The server refused a ticket or a handshake, with a reason. */
  | { type: "refused"; code: number | string; retryAfter?: number | undefined }
  /** The attempt failed without a reason. */
  | { type: "failed" }
  /** The server announced that it closes the socket in use. */
  | { type: "closing"; code: number | undefined }
  /** The socket in use closed. */
  | { type: "lost"; code: number }
  /** The pause is over. */
  | { type: "retry-due" }
  /** The page is online, or visible, again. */
  | { type: "wake" }
  /** The page reports that there is no network. */
  | { type: "offline" }
  /** The socket in use nears the end of its lifetime. */
  | { type: "expiring" }
  /** The socket in use brought new text, or stayed open for a minute. */
  | { type: "stable" };

export type Effect =
  /** Request a ticket and open a socket; with a fresh token if the present one may expire soon. */
  | { do: "open"; freshToken: boolean }
  /** The new socket replaces the one in use. */
  | { do: "adopt" }
  /** Close all sockets and stop all timers. */
  | { do: "drop" }
  | { do: "pause"; ms: number }
  /** Send a ping on the socket in use. */
  | { do: "probe" }
  /** Report the code to the application. */
  | { do: "report"; code: number | string };
