/** Uploads a file that prompts may name: asks the server for a form, and posts the file with it to the bucket. */
import type { Http } from "./http.ts";
import { type RetryEnvironment } from "./retry.ts";
export interface AttachOptions {
    /** As the user calls it, which the model is told; the file's own unless set. */
    name?: string | undefined;
    /** The file's own unless set, or what its name ends on for text files, whose types systems do not agree on. */
    mediaType?: string | undefined;
    /** Aborting it ends the upload with the code `cancelled`. */
    signal?: AbortSignal | undefined;
}
/** Each attempt has a form of its own, because a form may be used for some minutes only. */
export declare function attach(http: Http, environment: RetryEnvironment, session: AbortSignal, chatId: string, file: Blob, { name, mediaType, signal }: AttachOptions): Promise<string>;
