/** Uploads a file that prompts may name: asks the server for a form, and posts the file with it to the bucket. */

import { retryPolicyOf } from "./codes.ts";
import { FrameStreamError, reasonOf } from "./errors.ts";
import { CANCELLED } from "./generation.ts";
import type { Http } from "./http.ts";
import { retry, type RetryEnvironment } from "./retry.ts";
import type { AttachmentOffered, Upload } from "./wire.ts";
import { within } from "./within.ts";

export interface AttachOptions {
  /** As the user calls it, which the model is told; the file's own unless set. */
  name?: string | undefined;
  /** The file's own unless set, or what its name ends on for text files, whose types systems do not agree on. */
  mediaType?: string | undefined;
  /** Aborting it ends the upload with the code `cancelled`. */
  signal?: AbortSignal | undefined;
}

const TEXTS: Record<string, string> = { txt: "text/plain", md: "text/markdown", csv: "text/csv" };

/** Each attempt has a form of its own, because a form may be used for some minutes only. */
export async function attach(
  http: Http,
  environment: RetryEnvironment,
  session: AbortSignal,
  chatId: string,
  file: Blob,
  { name = (file as File).name || "file", mediaType = typeOf(file, name), signal }: AttachOptions,
): Promise<string> {
  const stop = new AbortController();
  const path = `chats/${encodeURIComponent(chatId)}/attachments`;
  const content = { name, media_type: mediaType, size: file.size };
  const attempt = async () => {
    const offered = await http.call<AttachmentOffered>("POST", path, "attachment_id", content);
    await upload(file, name, offered, environment, stop.signal);
    return offered.attachment_id;
  };
  const stopped = new Promise<never>((_, reject) => {
    const end = () => {
      const error = session.aborted
        ? new FrameStreamError("The client was closed.", "not_connected", true)
        : new FrameStreamError(`The upload of ${name} was stopped.`, CANCELLED);
      reject(error);
      stop.abort();
    };
    for (const each of [signal, session]) each?.addEventListener("abort", end, { signal: stop.signal });
    if (signal?.aborted) end();
  });
  try {
    return await (stop.signal.aborted ? stopped : Promise.race([stopped, retry(attempt, environment, stop)]));
  } finally {
    stop.abort();
  }
}

async function upload(
  file: Blob,
  name: string,
  { upload: { url, fields }, expires_in }: AttachmentOffered,
  { fetch, clock }: RetryEnvironment,
  signal: AbortSignal,
): Promise<void> {
  let response: Response;
  let reply: string;
  try {
    [response, reply] = await within(expires_in * 1000, clock, async () => {
      const response = await fetch(url, { method: "POST", body: formOf(file, name, fields), signal });
      return [response, await response.text()] as const;
    });
  } catch (cause) {
    const message = `${new URL(url).origin}: the upload of ${name} was not answered (${reasonOf(cause)}).`;
    throw new FrameStreamError(message, "unreachable", true, { cause });
  }
  const { ok, status } = response;
  if (ok) return;
  const isRetried = retryPolicyOf(status) !== "never";
  const message = `The upload of ${name} was refused (${reasonIn(reply) ?? status}).`;
  throw new FrameStreamError(message, "upload_refused", isRetried, { status });
}

/** The bucket ignores what comes after the file. */
function formOf(file: Blob, name: string, fields: Upload["fields"]): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, String(value));
  form.append("file", file, name);
  return form;
}

/** The bucket answers in XML. */
function reasonIn(reply: string): string | undefined {
  const [code, message] = ["Code", "Message"].map((tag) => reply.match(`<${tag}>([^<]+)`)?.[1]);
  return code && message ? `${code}: ${message}` : code;
}

function typeOf({ type }: Blob, name: string): string {
  const ending = name.split(".").at(-1)!.toLowerCase();
  return TEXTS[ending] ?? type.split(";")[0]!.trim();
}
