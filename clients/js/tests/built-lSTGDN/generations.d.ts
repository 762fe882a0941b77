/** The generations of one client: a tracker for each, and the prompts that the server has not accepted yet. */
import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";
import { GenerationTracker, type TrackerHost } from "./generation-tracker.ts";
import type { GenerationMessage } from "./messages.ts";
export interface GenerationsHost extends TrackerHost {
    /** Report a generation that this client did not request. */
    announce(tracker: GenerationTracker): void;
}
export declare class Generations {
    #private;
    constructor(host: GenerationsHost);
    /** A generation that has not ended. */
    get running(): GenerationTracker | undefined;
    /** A generation or a prompt has not ended. */
    get isAnswering(): boolean;
    ofChat(chatId: string): GenerationTracker[];
    /** The tracker of a generation, which is made if there is none. */
    tracker(id: string, chatId: string): GenerationTracker;
    /** The tracker of a prompt, once it is accepted and unless `signal` is aborted; until then `failAll` calls `fail`. */
    submitted(accepted: Promise<string>, chatId: string, fail: (error: FrameStreamError) => void, signal: AbortSignal): Promise<GenerationTracker>;
    receive(message: GenerationMessage): void;
    /** Fetch when a socket opens: the server repeats unfinished generations on it, but not those that ended meanwhile. */
    onPhase(phase: Phase): void;
    failAll(error: FrameStreamError): void;
}
