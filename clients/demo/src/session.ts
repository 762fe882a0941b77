/** Who is signed in here, and the connection that belongs to them. A tab is a session of its own. */

import { FrameStreamClient, userOf, type GetToken } from "framestream";
import { Meter } from "./meter.ts";
import { forgetAll, keep, recall } from "./store.ts";

/** What the server of this page says about the system. */
export interface Site {
  httpUrl: string;
  /** "token": nobody here gives out tokens, so whoever comes brings one along. */
  signIn?: "token";
}

export interface Session {
  userId: string;
  client: FrameStreamClient;
  meter: Meter;
}

const CREDENTIAL = "framestream-demo:credential";

export async function findSite(): Promise<Site> {
  const response = await fetch("/framestream.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`framestream.json: ${response.status}`);
  return (await response.json()) as Site;
}

/** What this tab signed in with before it was reloaded. */
export function remembered(): string | null {
  return recall(CREDENTIAL);
}

/** `credential` is a token, or else the name of a demo user. */
export async function signIn({ httpUrl, signIn }: Site, credential: string): Promise<Session> {
  const getToken = signIn === "token" ? () => credential : tokensOf(credential);
  const userId = userOf(await getToken({ fresh: false }));
  const meter = new Meter();
  const client = new FrameStreamClient({ httpUrl, getToken });
  client.listen(meter);
  keep(CREDENTIAL, credential);
  return { userId, client, meter };
}

export function signOut({ client }: Session): void {
  client.close();
  forgetAll();
}

/** A token is used until it is refused or near its end. A page of yours asks its own back end here. */
function tokensOf(userId: string): GetToken {
  let token: string | null = null;
  return async ({ fresh }) => {
    if (token && !fresh) return token;
    const response = await fetch("/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ userId }),
    });
    if (!response.ok) throw new Error("Signing in does not work right now.");
    ({ token } = (await response.json()) as { token: string });
    return token;
  };
}
