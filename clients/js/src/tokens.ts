/** The user's token: asked for once at a time, however many calls need it. */

import { INVALID_TOKEN } from "./codes.ts";
import type { Environment } from "./environment.ts";
import { FrameStreamError, reasonOf } from "./errors.ts";
import { within } from "./within.ts";

/** Gives the user's token; with `fresh`, one that was not given before, if there is one. */
export type GetToken = (options: { fresh: boolean }) => string | Promise<string>;

export interface GivenToken {
  readonly token: string;
  /** How many fresh tokens there had been when it was given. */
  readonly renewals: number;
}

/** How `fetch` in `getToken` fails where there is no network, in Chrome, Firefox, Safari and Node. */
const NETWORK = /fetch|network|load failed/i;

export class Tokens {
  #renewals = 0;
  #asked: Promise<GivenToken> | null = null;
  #askedFresh = false;
  #latest: GivenToken | null = null;
  readonly #getToken: GetToken;
  readonly #timeout: number;
  readonly #environment: Environment;

  constructor(getToken: GetToken, timeout: number, environment: Environment) {
    this.#getToken = getToken;
    this.#timeout = timeout;
    this.#environment = environment;
  }

  /** The present token, or with `fresh` a new one. */
  get(fresh = false): Promise<GivenToken> {
    if (this.#asked && (this.#askedFresh || !fresh)) return this.#asked;
    const asked = this.#ask(fresh).finally(() => {
      if (this.#asked === asked) this.#asked = null;
    });
    this.#askedFresh = fresh;
    return (this.#asked = asked);
  }

  /** A token in place of one that was refused: another call may have got it already. */
  renew(refused: GivenToken): Promise<GivenToken> {
    if (this.#latest && this.#latest.renewals > refused.renewals) return Promise.resolve(this.#latest);
    return this.get(true);
  }

  async #ask(fresh: boolean): Promise<GivenToken> {
    try {
      const token = await within(this.#timeout, this.#environment.clock, () => this.#getToken({ fresh }));
      if (!token || typeof token !== "string") throw new Error("it gave no token");
      if (fresh) this.#renewals++;
      const given = { token, renewals: this.#renewals };
      if (fresh) this.#latest = given;
      return given;
    } catch (cause) {
      if (cause instanceof FrameStreamError) throw cause;
      const reason = reasonOf(cause);
      // The page's own back end is away, as the server may be: that passes.
      const code = cause instanceof TypeError && NETWORK.test(cause.message) ? "unreachable" : "no_token";
      throw new FrameStreamError(`getToken failed: ${reason}.`, code, true, { cause });
    }
  }
}

/** The user whom a token names. It is not checked here: the server does that. */
export function userOf(token: string): string {
  try {
    const part = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: string; user_id?: string };
    const user = claims.sub ?? claims.user_id;
    if (user) return user;
  } catch {
    // Fall through: a token that cannot be read names nobody.
  }
  throw new FrameStreamError("The token names no user; give the option userId.", INVALID_TOKEN);
}
