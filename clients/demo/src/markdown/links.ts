/** Decides which addresses of an answer may be followed. */

const SCHEMES = ["http:", "https:", "mailto:"];

/** The address in full; null for one that runs something, shows what an answer made up, or depends on this page. */
export function safeAddress(url: string): string | null {
  try {
    const { protocol, href } = new URL(url);
    return SCHEMES.includes(protocol) ? href : null;
  } catch {
    return null;
  }
}
