import { watchPage } from './page.js';
import { ACCEPTED, CALM } from './record.js';
import { MAX_WAIT, retryDelay } from './retry.js';

/**
 * @typedef {import('./answers.js').Unavailable} Unavailable
 * @typedef {import('./answers.js').Rejected} Rejected
 * @typedef {import('./synchroniser.js').Settling} Settling
 * @typedef {import('./synchroniser.js').Settled} Settled
 * @typedef {{status: 'synced'} | {status: 'signed-out'} | {status: 'outdated'} | {status: 'failed', error: unknown} | Unavailable
 *   | Rejected} SyncResult `failed`: a function of the application's has thrown, or given what it must not; `outdated`: a
 *   newer release of the application has taken over
 */

/** How often somebody who waits for a result asks again, where other tabs come in between. */
const MAX_TURNS = 5;

/**
 * Decides when to settle with the server: after edits, failures, and absence.
 * @param {import('./replica.js').Replica} replica
 * @param {ReturnType<typeof import('./synchroniser.js').createSynchroniser>} synchroniser
 * @param {{debounce?: number, staleAfter?: number}} options ms
 * @param {{changed: () => void, attempted: () => void}} on `attempted`: something is known of the server, or why not
 */
export function createSchedule(replica, synchroniser, { debounce = 2000, staleAfter = 60_000 }, on) {
    let ending = new AbortController();
    ending.abort();
    /** @type {Promise<unknown>} */
    let queue = Promise.resolve();
    let queued = 0;
    let isSyncing = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let dirtySince = 0;
    let hasRestored = false;

    const isActive = () => !ending.signal.aborted;
    const isDue = () => replica.isDirty() || replica.sync().sent !== null;

    /** @returns {number} ms that the server, or a growing wait, asks for; none where the clock was put back since */
    function wait() {
        const { retryAt, retryWait } = replica.sync();
        const left = retryAt - Date.now();
        return left > retryWait ? 0 : Math.max(0, left);
    }

    /**
     * Plans the next exchange, if one is needed. Edits push it back, to five times the debounce at most.
     * @param {number} [delay] ms
     */
    function plan(delay = debounce) {
        clearTimeout(timer);
        if (!isDue()) dirtySince = 0;
        if (!isActive() || replica.isOutdated() || replica.sync().refused || !(isDue() || synchroniser.isStale())) return;
        const now = Date.now();
        // A time to come is that of a clock that was put back.
        if (!dirtySince || dirtySince > now) dirtySince = now;
        const longest = Math.max(0, dirtySince + 5 * debounce - now);
        // The tab that has failed tries again first.
        const waiting = wait();
        const ms = Math.max(Math.min(delay, longest), waiting > 0 ? waiting + Math.max(0, delay - debounce) : 0);
        timer = setTimeout(() => (wait() > 0 ? plan(delay) : void exchange()), Math.min(ms, MAX_WAIT));
    }

    /**
     * @param {{all?: boolean, isAsked?: boolean}} [how]
     * @returns {Promise<SyncResult>} never rejects
     */
    function exchange(how = {}) {
        const { signal } = ending;
        return enqueue(queue.then(() => inTurn({ ...how, signal })));
    }

    /**
     * @template Result
     * @param {Promise<Result>} result
     */
    function enqueue(result) {
        queued += 1;
        queue = result.then(() => void (queued -= 1));
        return result;
    }

    /**
     * @param {Omit<Settling, 'begin'>} how
     * @returns {Promise<SyncResult>}
     */
    async function inTurn(how) {
        for (let turn = 0; ; turn += 1) {
            const result = await replica.exclusively(() => settle(how), how.signal);
            if (result.status !== 'void') return result;
            if (!how.isAsked || turn >= MAX_TURNS) return { status: 'synced' };
        }
    }

    /**
     * @param {Omit<Settling, 'begin'>} how
     * @returns {Promise<SyncResult | {status: 'void'}>}
     */
    async function settle(how) {
        const { signal } = how;
        if (signal.aborted) return { status: 'signed-out' };
        if (replica.isOutdated()) {
            on.changed();
            return { status: 'outdated' };
        }
        clearTimeout(timer);
        /** @type {Settled} */
        let result;
        try {
            result = await synchroniser.settle({ ...how, begin: () => show(true) });
        } catch (error) {
            result = { status: 'failed', error };
        }
        if (signal.aborted) {
            if (!isActive()) show(false);
            return { status: 'signed-out' };
        }
        dirtySince = 0;
        isSyncing = false;
        conclude(result);
        on.attempted();
        on.changed();
        return result.status === 'failed' ? { status: 'failed', error: result.error } : result;
    }

    /** @param {boolean} value */
    function show(value) {
        if (isSyncing === value) return;
        isSyncing = value;
        on.changed();
    }

    /**
     * Notes for all tabs what has come of it, and plans what is left to do.
     * @param {Settled} result
     */
    function conclude(result) {
        const { error, refused, failures } = replica.sync();
        if (result.status === 'synced') {
            hasRestored = true;
            // Nothing is left to send, so nothing is refused.
            if (error || refused) replica.commit({ ...ACCEPTED, ...CALM });
        } else if (result.status === 'rejected') {
            replica.commit({ error: errorOf(result), ...CALM });
        } else if (result.status === 'unavailable' || (result.status === 'failed' && result.isEarly)) {
            const { retryAfter } = /** @type {Unavailable} */ (result);
            const retryWait = Math.ceil(retryDelay(failures, retryAfter));
            const retryAt = Date.now() + retryWait;
            replica.commit({ error: { ...errorOf(result), retryAt }, failures: failures + 1, retryAt, retryWait });
        } else if (result.status === 'failed') replica.commit({ error: errorOf(result) });
        plan(result.status === 'void' ? 2 * debounce : debounce);
    }

    /** The page is back, or the network is. */
    function revalidate() {
        const isGone = replica.revisit();
        const now = Date.now();
        const { lastSyncedAt, refused } = replica.sync();
        // A time to come is that of a clock that was put back.
        const isOld = lastSyncedAt === null || now - lastSyncedAt > staleAfter || now < lastSyncedAt;
        // Whoever was refused may have signed in again, in another window perhaps.
        if (isGone || isOld || refused === 'session') synchroniser.setStale(true);
        if (isActive() && wait() === 0 && synchroniser.isStale()) {
            if (queued === 0) void exchange();
        } else plan();
    }

    const page = {
        // The queue and the lock would answer too late. What does not get away now is stored, and goes at the next load.
        hidden() {
            if (!isActive() || replica.isOutdated() || queued > 0) return;
            replica.refresh();
            if (synchroniser.isStale() || replica.sync().refused || !isDue()) return;
            void enqueue(settle({ isLeaving: true, signal: ending.signal }));
        },
        visible: revalidate,
        online() {
            if (isActive() && replica.sync().retryAt) replica.commit({ retryAt: 0, retryWait: 0 });
            revalidate();
            plan(0);
        },
    };
    let stopWatching = watchPage(page);

    function stop() {
        clearTimeout(timer);
        ending.abort();
        show(false);
    }

    return {
        plan,
        exchange,
        isActive,
        isSyncing: () => isSyncing,
        hasRestored: () => hasRestored,
        start() {
            ending = new AbortController();
            hasRestored = false;
            synchroniser.setStale(true);
            const { refused, retryAt, failures } = replica.sync();
            if (refused || retryAt || failures) replica.commit({ refused: null, ...CALM });
            return exchange();
        },
        stop,
        /**
         * Another tab has changed something. It syncs that itself; this one steps in should it be gone by then.
         * @param {boolean} hasSynced
         */
        follow(hasSynced) {
            if (hasSynced && isActive()) {
                synchroniser.setStale(false);
                hasRestored = true;
                on.attempted();
            }
            plan(2 * debounce);
        },
        watch() {
            stopWatching();
            stopWatching = watchPage(page);
        },
        destroy() {
            stop();
            stopWatching();
        },
    };
}

/**
 * @param {Exclude<Settled, {status: 'synced'} | {status: 'void'}>} result
 * @returns {import('./record.js').SyncError}
 */
function errorOf(result) {
    const { status: kind } = result;
    if (kind === 'failed') return { kind, message: String(result.error) };
    const { httpStatus, problem = {} } = result;
    const told = problem.detail ?? problem.title ?? `The server answered ${httpStatus}.`;
    const message = kind === 'unavailable' ? 'The server cannot be reached.' : told;
    return { kind, message, httpStatus, ...(typeof problem.type === 'string' && { type: problem.type }) };
}
