import { within } from './retry.js';

/**
 * The other tabs of the same user: a BroadcastChannel tells them what changes here, and so does the storage, where they all
 * have one; and a Web Lock, the pen, lets one of them speak with the server at a time. The pen saves requests and no data: an
 * answer counts only in the turn of its request, whoever has asked. So nobody waits for it without end: a tab that has it and is hidden, frozen or deaf loses it to one
 * that wants to write. Where a browser has neither (an insecure page has no locks), each tab is on its own, and the
 * record's turns and the server's preconditions keep them from harm.
 */

/** How long a visible tab has to answer that it is writing, in ms. */
const PATIENCE = 100;
/** After such an answer, how long until it is asked again, in ms. */
const TRUST = 1000;

/**
 * @param {string} name shared by the tabs that belong together
 * @param {string} key under which they store what they have in common
 * @param {import('./persistence.js').KeyValueStorage | undefined} storage `localStorage` unless given
 * @param {(message: any) => void} receive
 */
export function createTabs(name, key, storage, receive) {
    // On a server there are no tabs, and an open channel would keep the process alive.
    const { document: page } = globalThis;
    /** @type {BroadcastChannel | undefined} */
    let channel;
    /** @type {AbortController | undefined} */
    let listening;
    let working = 0;
    let isAnswered = false;

    /** @param {object} message */
    function post(message) {
        try {
            channel?.postMessage(message);
        } catch {
            // A page that the browser has put away has no channel any more. The storage tells the others.
        }
    }

    /** @param {any} message */
    function hear(message) {
        if (message?.isBusy) isAnswered = true;
        else if (!message?.isAsking) receive(message);
        else if (working > 0 && !page?.hidden) post({ isBusy: true });
    }

    /**
     * Another tab has stored something. It is told even where this one has written over it in the same moment, and the other
     * may be gone by now: then what it stored is nowhere else.
     * @param {StorageEvent} event
     */
    function hearStorage(event) {
        if (event.key !== key || !event.newValue || event.storageArea !== (storage ?? globalThis.localStorage)) return;
        receive({ text: event.newValue, isStored: true });
    }

    /**
     * @template Result
     * @param {() => Promise<Result>} work never rejects
     * @param {AbortSignal} signal ends the waiting: the work is then done at once, and finds out for itself
     * @returns {Promise<Result>}
     */
    async function exclusively(work, signal) {
        const locks = page && globalThis.navigator?.locks;
        if (!locks) return work();
        /** @type {Promise<Result> | undefined} */
        let outcome;
        const waiting = new AbortController();
        /** @type {(value: undefined) => void} */
        let begun = () => {};
        const beginning = new Promise((resolve) => (begun = resolve));
        const begin = () => {
            begun(undefined);
            if (!outcome) {
                working += 1;
                outcome = work().finally(() => void (working -= 1));
            }
            return outcome;
        };
        /** @param {LockOptions} options */
        const request = (options) => {
            // Who loses the pen goes on: only the answer's turn decides what it is worth.
            const lost = () => void (waiting.signal.aborted || begin());
            new Promise((resolve) => resolve(locks.request(name, options, begin))).catch(lost);
        };
        request({ signal: waiting.signal });
        while (!(await within(beginning, PATIENCE / 2))) {
            isAnswered = false;
            post({ isAsking: true });
            if (await within(beginning, PATIENCE)) break;
            if (isAnswered && !signal.aborted) {
                await within(beginning, TRUST, signal).catch(() => {});
                continue;
            }
            waiting.abort();
            if (!signal.aborted) request({ steal: true });
            // Whatever has become of the pen.
            if (signal.aborted || !(await within(beginning, PATIENCE))) begin();
            break;
        }
        return /** @type {Promise<Result>} */ (/** @type {unknown} */ (outcome));
    }

    return {
        isPage: page !== undefined,
        post,
        exclusively,
        open() {
            if (listening || !page) return;
            listening = new AbortController();
            addEventListener('storage', hearStorage, { signal: listening.signal });
            try {
                channel = new BroadcastChannel(name);
                channel.onmessage = ({ data }) => hear(data);
            } catch {
                // An old browser has none, nor has a page without an origin of its own.
            }
        },
        close() {
            listening?.abort();
            channel?.close();
            listening = channel = undefined;
        },
    };
}
