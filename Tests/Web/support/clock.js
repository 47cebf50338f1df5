/**
 * Time that passes when a test says so: setTimeout, clearTimeout and Date.now. (The timers that node's runner can mock
 * leave out Date in the oldest node that these tests are for.)
 */
export class Clock {
    #real = { setTimeout, clearTimeout, now: Date.now };
    #timers = new Map();
    #last = 0;
    now = Date.UTC(2026, 0, 1);

    constructor() {
        globalThis.setTimeout = (run, delay = 0, ...args) => {
            this.#last += 1;
            this.#timers.set(this.#last, { at: this.now + Math.max(0, delay), run: () => run(...args) });
            return this.#last;
        };
        globalThis.clearTimeout = (timer) => void this.#timers.delete(timer);
        Date.now = () => this.now;
    }

    /** Lets everything run that waits for no timer. */
    async settle() {
        for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
    }

    /** Runs the timers of the next ms, each at its time. */
    async advance(ms) {
        const end = this.now + ms;
        await this.settle();
        for (;;) {
            const [next] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
            if (!next) break;
            this.#timers.delete(next[0]);
            this.now = Math.max(this.now, next[1].at);
            next[1].run();
            await this.settle();
        }
        this.now = end;
    }

    restore() {
        Object.assign(globalThis, { setTimeout: this.#real.setTimeout, clearTimeout: this.#real.clearTimeout });
        Date.now = this.#real.now;
    }
}
