/** Timers with names: starting one again ends the one before. */
export class Timers {
    #running = new Map();
    #clock;
    constructor(clock) {
        this.#clock = clock;
    }
    has(name) {
        return this.#running.has(name);
    }
    after(name, ms, act) {
        this.stop(name);
        const cancel = this.#clock.after(ms, () => {
            this.#running.delete(name);
            act();
        });
        this.#running.set(name, cancel);
    }
    stop(...names) {
        for (const name of names) {
            this.#running.get(name)?.();
            this.#running.delete(name);
        }
    }
    stopAll() {
        this.stop(...this.#running.keys());
    }
}
