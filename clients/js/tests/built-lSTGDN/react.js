/** A chat in a React component. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { ChatList } from "./chat-list.js";
import { conversationOf } from "./sharing.js";
export { canRegenerate } from "./chat-messages.js";
/**
 * Components that show the same chat with the same client share its conversation, which stays while none shows it.
 * `messages` count when a component begins to show it, the other options from the next prompt on.
 */
export function useFrameStream({ client, ...options }) {
    const { chatId, messages, model, smooth, onBusy } = options;
    const conversation = useMemo(() => conversationOf(client, options), [client, chatId]);
    useEffect(() => conversation.join(messages), [conversation]);
    useEffect(() => conversation.setPreferences({ model, smooth, onBusy }), [conversation, model, smooth, onBusy]);
    useRetired(client);
    const { subscribe, state, send, stop, regenerate, edit, select, rename, remove } = conversation;
    const actions = { send, stop, regenerate, edit, select, rename, remove };
    return { ...useSyncExternalStore(subscribe, state, state), ...actions };
}
/**
 * The parts of an answer, also of one that was given before the page was loaded: then they are read, once, and an answer is
 * its text until they arrive, or if they cannot be read.
 */
export function useParts(client, message) {
    const { parts: received, hasParts, text, generationId: id } = message;
    const [read, setRead] = useState(null);
    const isToRead = !!hasParts && !received && id !== null;
    useEffect(() => {
        let isWanted = isToRead;
        if (id !== null && isToRead)
            client.parts(id).then((parts) => isWanted && setRead(parts), () => { });
        return () => void (isWanted = false);
    }, [client, id, isToRead]);
    const plain = useMemo(() => (text ? [{ index: 0, kind: "text", text }] : []), [text]);
    return received ?? read ?? plain;
}
/** The user's chats, in step with all devices. `limit` is the number of chats that are read at once. */
export function useChats({ client, limit }) {
    const list = useMemo(() => new ChatList(client, { limit }), [client, limit]);
    useEffect(() => list.join(), [list]);
    return { ...useSyncExternalStore(list.subscribe, list.state, list.state), more: list.more };
}
/** Close the socket of a client that another one replaces, as when a module is reloaded in development. */
function useRetired(client) {
    const current = useRef(client);
    useEffect(() => {
        if (current.current !== client)
            current.current.retire();
        current.current = client;
    }, [client]);
}
