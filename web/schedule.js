import { watchPage } from './page.js';
import { retryDelay } from './retry.js';

/**
 * @typedef {import('./client.js').Unavailable} Unavailable
 * @typedef {import('./client.js').Rejected} Rejected
 * @typedef {{status: 'synced'} | {status: 'signed-out'} | {status: 'failed', error: unknown} | Unavailable | Rejected} SyncResult
 *   `failed`: a function of the application's has thrown
 */

/**
 * Decides when to settle with the server: after edits, failures, and absence.
 * @param {import('./replica.js').Replica} replica
 * @param {ReturnType<typeof import('./synchroniser.js').createSynchroniser>} synchroniser
 * @param {{debounce?: number, staleAfter?: number}} options ms
 * @param {{started: () => void, ended: (result: SyncResult, retryAt: number) => void}} on
 */
export function createSchedule(replica, synchroniser, { debounce = 2000, staleAfter = 60_000 }, on) {
    let ending = new AbortController();
    ending.abort();
    /** @type {Promise<unknown>} */
    let queue = Promise.resolve();
    let queued = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let dirtySince = 0;
    let failures = 0;
    let retryAt = 0;

    const isActive = () => !ending.signal.aborted;
    const isDue = () => replica.isDirty() || replica.sync().sent !== null;

    /**
     * Plans the next exchange, if one is needed. Edits push it back, to five times the debounce at most.
     * @param {number} [delay] ms
     */
    function plan(delay = debounce) {
        clearTimeout(timer);
        if (!isDue()) dirtySince = 0;
        if (!isActive() || !(isDue() || retryAt)) return;
        const now = Date.now();
        dirtySince ||= now;
        const due = Math.max(Math.min(now + delay, dirtySince + 5 * debounce), retryAt);
        timer = setTimeout(exchange, due - now);
    }

    /**
     * @param {{all?: boolean}} [how]
     * @returns {Promise<SyncResult>} never rejects
     */
    function exchange(how) {
        const { signal } = ending;
        return enqueue(queue.then(() => replica.exclusively(() => settle({ ...how, signal }))));
    }

    /** @param {Promise<SyncResult>} result */
    function enqueue(result) {
        queued += 1;
        queue = result.then(() => void (queued -= 1));
        return result;
    }

    /**
     * @param {{all?: boolean, isLeaving?: boolean, signal: AbortSignal}} how
     * @returns {Promise<SyncResult>}
     */
    async function settle(how) {
        if (how.signal.aborted) return { status: 'signed-out' };
        clearTimeout(timer);
        /** @type {SyncResult} */
        let result;
        try {
            result = await synchroniser.settle({ ...how, begin: on.started });
        } catch (error) {
            result = how.signal.aborted ? { status: 'signed-out' } : { status: 'failed', error };
        }
        if (!how.signal.aborted) {
            retryAt = dirtySince = 0;
            if (result.status === 'unavailable') {
                retryAt = Date.now() + retryDelay(failures, result.retryAfter);
                failures += 1;
                plan();
            } else failures = 0;
        }
        on.ended(result, retryAt);
        return result;
    }

    /** The page is back, or the network is. */
    function revalidate() {
        const now = Date.now();
        if (now - (replica.sync().lastSyncedAt ?? 0) > staleAfter) synchroniser.setStale(true);
        if (isActive() && now >= retryAt && synchroniser.isStale()) exchange();
    }

    const stopWatching = watchPage({
        // The queue and the lock would answer too late. What does not get away now is stored, and goes at the next load.
        hidden() {
            if (!isActive() || queued > 0 || synchroniser.isStale() || !isDue()) return;
            enqueue(settle({ isLeaving: true, signal: ending.signal }));
        },
        visible: revalidate,
        online() {
            retryAt = 0;
            revalidate();
            plan(0);
        },
    });

    function stop() {
        clearTimeout(timer);
        ending.abort();
    }

    return {
        plan,
        exchange,
        isActive,
        start() {
            ending = new AbortController();
            failures = retryAt = 0;
            synchroniser.setStale(true);
            return exchange();
        },
        stop,
        /**
         * Another tab has changed something. It syncs that itself; this one steps in should it be gone by then.
         * @param {boolean} hasSynced
         */
        follow(hasSynced) {
            if (hasSynced && !replica.sync().sent) synchroniser.setStale(false);
            plan(2 * debounce);
        },
        destroy() {
            stop();
            stopWatching();
        },
    };
}
