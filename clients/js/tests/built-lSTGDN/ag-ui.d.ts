/** An agent for AG-UI: its runs can be stopped, and resumed on any device, and survive what sockets go through. */
import { AbstractAgent, type AgentCapabilities, type AgentConfig, type AgentSubscriber, type BaseEvent, type RunAgentInput, type RunAgentParameters, type RunAgentResult } from "@ag-ui/client";
import { Observable } from "rxjs";
import type { FrameStreamClient } from "./client.ts";
import type { OnBusy } from "./http.ts";
export interface FrameStreamAgentConfig extends AgentConfig {
    client: FrameStreamClient;
    /** The model; a `model` in the `forwardedProps` of a run takes its place. */
    model?: string;
    /** What happens to a run while its chat has a running answer: `reject` unless set, `queue` or `interrupt`. */
    onBusy?: OnBusy;
}
/** A thread is a chat, and an assistant's message has the id of its answer. */
export declare class FrameStreamAgent extends AbstractAgent {
    private config;
    /** The answers that this agent streamed, by the ids of their questions. */
    private answers;
    private stops;
    /** It was aborted before it began to run. */
    private isAborted;
    constructor(config: FrameStreamAgentConfig);
    runAgent(parameters?: RunAgentParameters, subscriber?: AgentSubscriber): Promise<RunAgentResult>;
    connectAgent(parameters?: RunAgentParameters, subscriber?: AgentSubscriber): Promise<RunAgentResult>;
    /** Answers the last message of the user. */
    run(input: RunAgentInput): Observable<BaseEvent>;
    /** Brings the chat as the server has it, and resumes the answer that is being made, whichever device asked for it. */
    protected connect(input: RunAgentInput): Observable<BaseEvent>;
    /** Cancels the answer on the server. `detachActiveRun` only stops listening to it. */
    abortRun(): void;
    getCapabilities(): Promise<AgentCapabilities>;
    clone(): FrameStreamAgent;
    private observe;
    private answer;
    /** The answer that a question follows; one without any before it begins the chat anew, if there was one. */
    private parentOf;
    private resume;
}
