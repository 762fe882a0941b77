/** The answers that a conversation follows: of the path that is shown, unfinished ones, and those asked for elsewhere. */
import { isOpen, UNKNOWN_PROMPT } from "./chat-messages.js";
/** Follow what is being answered, and read the answers of the path whose texts are not known. */
export function followPath(parts) {
    const { thread, answers, prompts } = parts;
    const { running, messages } = thread.current;
    if (running) {
        const hasQuestion = running.questionId !== null;
        answers.follow(prompts.ids.shown(running.id), running.id, { ...running, hasQuestion });
        if (!hasQuestion)
            void askQuestionOf(parts, running.id);
    }
    for (const { id } of thread.branches.pathTo(thread.end))
        if (messages.get(id)?.text === null)
            answers.follow(prompts.ids.shown(id), id, { isNew: false, hasQuestion: true });
}
/** Follow the answers that are shown as unfinished, and send the prompts that were not sent. */
export function followUnfinished({ client, chatId, answers, prompts }, shown, preferences) {
    for (const message of shown) {
        const { id, generationId } = message;
        if (!isOpen(message) || answers.isRunning(id))
            continue;
        if (generationId)
            void answers.show(id, client.follow(generationId, { chatId }));
        else if (message.prompt)
            prompts.resubmit(message, preferences);
        else
            answers.receive(id, { status: "failed", error: UNKNOWN_PROMPT });
    }
}
/** Show this chat's answers that were requested elsewhere, where the server does not record its chats. */
export function adopt({ client, chatId, thread, prompts, missed }, ofChat = chatId) {
    if (ofChat !== chatId || prompts.isSubmitting || !thread.isSettled)
        return;
    for (const generation of client.generations(chatId)) {
        const id = generation.id;
        if (thread.has(id) || prompts.has(id))
            continue;
        if (thread.current.version === 0)
            prompts.adopt(generation);
        else if (!generation.hasEnded && !missed.has(id)) {
            missed.add(id);
            thread.expect();
        }
    }
}
async function askQuestionOf({ thread, answers, prompts }, generationId) {
    const generation = answers.generation(prompts.ids.shown(generationId));
    const questionId = await generation?.questionId.catch(() => null);
    if (questionId)
        thread.setQuestion(generationId, questionId);
}
