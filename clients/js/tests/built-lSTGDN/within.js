/** A time limit for an asynchronous call. */
/** Also limits a call that throws synchronously, or ignores the signal. */
export function within(ms, { after }, act) {
    const limit = new AbortController();
    return new Promise((resolve, reject) => {
        const stop = after(ms, () => {
            reject(new Error(`no answer within ${ms / 1000} s`));
            limit.abort();
        });
        new Promise((settle) => settle(act(limit.signal))).then(resolve, reject).finally(stop);
    });
}
