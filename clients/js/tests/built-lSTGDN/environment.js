/** The environment of the client: clock, random numbers, network, and the page if there is one. */
const clock = {
    now: () => performance.now(),
    after(ms, act) {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
    },
};
/** A browser's page or worker. Elsewhere the network counts as up, and there is no wake. */
const page = {
    online: () => globalThis.navigator?.onLine ?? true,
    onWake(act) {
        const stopOnline = listen("online", act);
        if (typeof document === "undefined")
            return stopOnline;
        const onVisible = () => document.visibilityState === "visible" && act();
        document.addEventListener("visibilitychange", onVisible);
        return () => {
            stopOnline();
            document.removeEventListener("visibilitychange", onVisible);
        };
    },
    onOffline: (act) => listen("offline", act),
};
/** The events exist only where `navigator.onLine` does. */
function listen(event, act) {
    if (globalThis.navigator?.onLine === undefined)
        return () => { };
    addEventListener(event, act);
    return () => removeEventListener(event, act);
}
export function environment(own = {}) {
    return {
        clock,
        page,
        random: Math.random,
        fetch: (...request) => fetch(...request),
        WebSocket: globalThis.WebSocket,
        ...own,
    };
}
