/** Who is signed in here, and the connection that belongs to them. A tab is a session of its own. */

import { FrameStreamClient } from "framestream";
import { Meter } from "./meter.ts";

export interface Session {
  userId: string;
  client: FrameStreamClient;
  meter: Meter;
}

const USER = "framestream-demo:user";

export function rememberedUser(): string | null {
  return sessionStorage.getItem(USER);
}

export async function signIn(userId: string): Promise<Session> {
  const { httpUrl } = (await (await fetch("/framestream.json")).json()) as { httpUrl: string };
  const tokens = tokensOf(userId);
  await tokens({ fresh: false });
  const meter = new Meter();
  const client = new FrameStreamClient({ httpUrl, getToken: tokens });
  client.listen(meter);
  sessionStorage.setItem(USER, userId);
  return { userId, client, meter };
}

export function signOut({ client }: Session): void {
  client.close();
  sessionStorage.clear();
}

/** A token is used until it is refused or near its end. A page of yours asks its own back end here. */
function tokensOf(userId: string) {
  let token: string | null = null;
  return async ({ fresh }: { fresh: boolean }): Promise<string> => {
    if (token && !fresh) return token;
    const response = await fetch("/token", { method: "POST", body: JSON.stringify({ userId }) });
    if (!response.ok) throw new Error("Signing in does not work right now.");
    ({ token } = (await response.json()) as { token: string });
    return token;
  };
}
