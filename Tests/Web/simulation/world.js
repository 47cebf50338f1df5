import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Time that passes when a schedule says so, and browsers in it: each tab has a page, timers and messages of its own, which
 * stand still while it is frozen. Which tab runs is known behind every await.
 */

const running = new AsyncLocalStorage();
const real = { setTimeout, clearTimeout, now: Date.now, random: Math.random, setImmediate };

/** Numbers that a seed repeats. */
export function seeded(seed) {
    let state = (seed * 2_654_435_761) >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

export class World {
    now = Date.UTC(2026, 0, 1);
    #events = [];
    #count = 0;

    constructor(seed) {
        const random = seeded(seed);
        /** An integer below a number. */
        this.random = (below) => Math.floor(random() * below);
        const own = seeded(seed + 0.5);
        const globals = {
            setTimeout: (run, delay = 0) => this.after(Math.max(0, delay | 0), running.getStore(), run),
            clearTimeout: (event) => event && (event.isOver = true),
        };
        Object.assign(globalThis, globals);
        Date.now = () => this.now;
        Math.random = own;
        const get = (name, value) => Object.defineProperty(globalThis, name, { configurable: true, get: value });
        get('document', () => running.getStore()?.document);
        get('addEventListener', () => running.getStore()?.listen);
        get('navigator', () => running.getStore()?.navigator);
        get('BroadcastChannel', () => running.getStore()?.device.Channel);
    }

    end() {
        Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
        Date.now = real.now;
        Math.random = real.random;
        for (const name of ['document', 'addEventListener', 'navigator', 'BroadcastChannel']) delete globalThis[name];
    }

    /** Runs something later, in a tab or in none. */
    after(ms, tab, run) {
        this.#count += 1;
        const event = { at: this.now + ms, order: this.#count, tab, run };
        let index = this.#events.length;
        while (index > 0 && this.#events[index - 1].at > event.at) index -= 1;
        this.#events.splice(index, 0, event);
        return event;
    }

    /** Runs something in a tab now, or when it thaws. */
    inTab(tab, run) {
        if (tab.isClosed) return undefined;
        if (tab.isFrozen) return void tab.deferred.push(run);
        return running.run(tab, run);
    }

    async settle() {
        // Nothing in here waits for anything but promises, which are all done before this one.
        await new Promise((resolve) => real.setImmediate(resolve));
    }

    async pass(ms) {
        const end = this.now + ms;
        await this.settle();
        while (this.#events.length > 0 && this.#events[0].at <= end) {
            const event = this.#events.shift();
            if (event.isOver) continue;
            this.now = Math.max(this.now, event.at);
            if (event.tab) this.inTab(event.tab, event.run);
            else running.exit(event.run);
            await this.settle();
        }
        this.now = end;
    }
}

/** One browser: its tabs share a storage, messages and locks. */
export class Device {
    tabs = [];
    /** Sessions end, and then every request is turned away. */
    isSignedIn = true;
    entries = new Map();
    #channels = new Set();
    #held = new Map();
    #waiting = new Map();

    constructor(world, { latency = 1, lag = 0, isBlocked = false, hasLocks = true, hasChannels = true } = {}) {
        Object.assign(this, { world, latency, lag, isBlocked, hasLocks, hasChannels });
        const device = this;
        // Old browsers have none.
        this.Channel = !hasChannels ? undefined : class {
            constructor(name) {
                this.name = name;
                this.tab = running.getStore();
                device.#channels.add(this);
            }

            postMessage(data) {
                for (const other of device.#channels) {
                    if (other === this || other.name !== this.name || other.tab.isDeaf) continue;
                    const copy = structuredClone(data);
                    world.after(device.latency, other.tab, () => device.#channels.has(other) && other.onmessage?.({ data: copy }));
                }
            }

            close() {
                device.#channels.delete(this);
            }
        };
    }

    open() {
        const window = new EventTarget();
        const tab = {
            device: this,
            document: Object.assign(new EventTarget(), { hidden: false }),
            window,
            listen: window.addEventListener.bind(window),
            isFrozen: false,
            isDeaf: false,
            isClosed: false,
            deferred: [],
            pending: new Map(),
            cache: new Map(this.entries),
        };
        tab.navigator = { onLine: true };
        // Pages on plain http have none.
        if (this.hasLocks) tab.navigator.locks = { request: (...request) => this.#request(tab, ...request) };
        tab.storage = this.#storage(tab);
        this.tabs.push(tab);
        return tab;
    }

    /**
     * What a tab sees of the storage: in browsers that have a process for each tab, another one's writes come a little late.
     * Each is told to the others, also where it was written over meanwhile, as browsers do.
     */
    #storage(tab) {
        const blocked = () => {
            throw new DOMException('blocked', 'SecurityError');
        };
        if (this.isBlocked) return { getItem: blocked, setItem: blocked, removeItem: blocked };
        const put = (entries, name, text) => (text === undefined ? entries.delete(name) : entries.set(name, text));
        const tell = (name, text) => {
            for (const other of this.tabs) {
                if (other === tab) continue;
                const event = { key: name, newValue: text ?? null, storageArea: other.storage };
                this.world.after(0, other, () => other.window.dispatchEvent(Object.assign(new Event('storage'), event)));
            }
        };
        if (this.lag === 0) {
            const write = (name, text) => {
                put(this.entries, name, text);
                tell(name, text);
            };
            return {
                getItem: (name) => this.entries.get(name) ?? null,
                setItem: write,
                removeItem: (name) => write(name, undefined),
            };
        }
        const write = (name, text) => {
            put(tab.cache, name, text);
            tab.pending.set(name, (tab.pending.get(name) ?? 0) + 1);
            this.world.after(this.lag, undefined, () => {
                put(this.entries, name, text);
                tab.pending.set(name, tab.pending.get(name) - 1);
                for (const other of this.tabs) if (other !== tab && !(other.pending.get(name) > 0)) put(other.cache, name, text);
                // What came from elsewhere before this write was hidden by it, and is gone now.
                if (!(tab.pending.get(name) > 0)) put(tab.cache, name, text);
                tell(name, text);
            });
        };
        return { getItem: (name) => tab.cache.get(name) ?? null, setItem: write, removeItem: (name) => write(name, undefined) };
    }

    /** Web Locks, as far as the specification goes that the client uses. */
    #request(tab, name, options, work) {
        const { signal, steal } = options;
        return new Promise((resolve, reject) => {
            if (signal?.aborted) return reject(signal.reason);
            const request = { tab, name, work, resolve, reject };
            if (steal) {
                const holder = this.#held.get(name);
                if (holder) this.world.inTab(holder.tab, () => holder.reject(new DOMException('stolen', 'AbortError')));
                return this.#grant(request);
            }
            if (!this.#held.has(name)) return this.#grant(request);
            const queue = this.#waiting.get(name) ?? [];
            this.#waiting.set(name, [...queue, request]);
            signal?.addEventListener('abort', () => {
                const left = this.#waiting.get(name) ?? [];
                if (!left.includes(request)) return;
                this.#waiting.set(name, left.filter((one) => one !== request));
                reject(signal.reason);
            });
        });
    }

    #grant(request) {
        const { tab, name, work, resolve, reject } = request;
        this.#held.set(name, request);
        queueMicrotask(() =>
            this.world.inTab(tab, () => {
                Promise.resolve(work({ name })).then(resolve, reject).finally(() => this.#release(request));
            }),
        );
    }

    #release(request) {
        const { name } = request;
        if (this.#held.get(name) !== request) return;
        this.#held.delete(name);
        const [next, ...others] = this.#waiting.get(name) ?? [];
        this.#waiting.set(name, others);
        if (next) this.#grant(next);
    }

    on(tab, target, name) {
        this.world.inTab(tab, () => tab[target].dispatchEvent(new Event(name)));
    }

    hide(tab) {
        if (tab.document.hidden) return;
        tab.document.hidden = true;
        this.on(tab, 'document', 'visibilitychange');
    }

    show(tab) {
        this.thaw(tab);
        tab.document.hidden = false;
        this.on(tab, 'document', 'visibilitychange');
        this.on(tab, 'window', 'focus');
    }

    freeze(tab) {
        tab.isFrozen = true;
    }

    thaw(tab) {
        if (!tab.isFrozen) return;
        tab.isFrozen = false;
        for (const run of tab.deferred.splice(0)) this.world.inTab(tab, run);
    }

    /** @param {boolean} isCrash the tab gets to do nothing any more */
    close(tab, isCrash) {
        if (!isCrash && !tab.isFrozen) {
            this.hide(tab);
            this.on(tab, 'window', 'pagehide');
        }
        tab.isClosed = true;
        this.tabs = this.tabs.filter((one) => one !== tab);
        for (const channel of this.#channels) if (channel.tab === tab) this.#channels.delete(channel);
        for (const [name, queue] of this.#waiting) this.#waiting.set(name, queue.filter((one) => one.tab !== tab));
        for (const request of [...this.#held.values()]) if (request.tab === tab) this.#release(request);
    }
}
