import { merge } from './merge.js';
import { at, graft, segments } from './paths.js';
import { share } from './sharing.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./paths.js').Path} Path
 *
 * @typedef {Pick<import('./store.js').DashboardStore<any>, 'getState' | 'setState' | 'subscribe'>} DashboardSide
 *
 * @typedef {object} BindOptions
 * @property {readonly Path[]} [paths] what of the other store's state is synced: `['widgets', 'filters.date']`. All that
 *   is no function unless given
 */

/**
 * @template E
 * @typedef {object} ExternalStore a store of the application's: zustand's is one as it is. For others see `examples/`
 * @property {() => E} getState what `setState` has set is here at once
 * @property {(changes: any) => void} setState puts these members in the place of those that are there, and leaves the
 *   others; undefined removes one
 * @property {(listener: () => void) => () => void} subscribe calls the listener after changes, at once or later; what it
 *   returns ends that
 */

/** So many exchanges in a row mean that something answers each change with another one. */
const TOO_MANY = 100;

/**
 * Stores that are or were bound, with what they had before that.
 * @type {WeakMap<object, {beginning: State, isBound: boolean}>}
 */
const known = new WeakMap();

/**
 * Keeps a store of the application's and a dashboard store the same, in both directions, until it is told to stop.
 *
 * At the beginning the dashboard store's state counts. What it lacks is in the other store what it was there before, as a
 * default: it is sent once it is changed, and is back when the user signs out. Neither store gets an object of the other,
 * so the application may change its state in place.
 * @template E
 * @param {DashboardSide} store
 * @param {ExternalStore<E>} external the same object whenever it is bound again; another one, with its functions, for each of
 *   several dashboard stores that keep parts of it
 * @param {BindOptions} [options]
 * @returns {() => void} ends it
 * @throws {TypeError} where `external` is no such store, or is bound already. Where it is changed to what JSON cannot hold,
 *   `setState` of the dashboard store throws, to whoever changed it
 */
export function bindStore(store, external, options = {}) {
    const view = createView(external, options.paths);
    const entry = known.get(external) ?? { beginning: share(undefined, external.getState() ?? {}), isBound: false };
    // It would bring what is one user's to another.
    if (entry.isBound) throw new TypeError('bindStore: this store is bound already: call what bindStore gave first');
    known.set(external, entry);

    const exchange = createExchange(store, view, entry.beginning);
    let isBound = true;
    let isExchanging = false;
    let isAsked = true;

    /** Called during an exchange too, by what that changes. */
    function settle() {
        if (isExchanging) return;
        isExchanging = true;
        try {
            for (let round = 0; isBound && (isAsked || exchange.hasNews()); round += 1) {
                if (round === TOO_MANY) throw new Error('bindStore: each change is answered with another one, without end');
                isAsked = false;
                exchange.run();
            }
        } finally {
            isExchanging = false;
        }
    }

    function ask() {
        isAsked = true;
        settle();
    }

    settle();
    entry.isBound = true;
    const subscriptions = [store.subscribe(settle), external.subscribe(ask)];
    return () => {
        if (!isBound) return;
        try {
            // What the external store has changed and not told of yet.
            ask();
        } finally {
            isBound = false;
            entry.isBound = false;
            for (const unsubscribe of subscriptions) unsubscribe();
        }
    };
}

/**
 * What of a store is synced.
 * @param {ExternalStore<any>} external
 * @param {readonly Path[] | undefined} paths
 */
function createView(external, paths) {
    for (const name of ['getState', 'setState', 'subscribe']) {
        if (typeof (/** @type {any} */ (external)?.[name]) === 'function') continue;
        throw new TypeError(`bindStore: the store has no function ${name}`);
    }
    /** @param {...State} states @returns {readonly Path[]} */
    const pathsOf = (...states) => paths ?? [...new Set(states.flatMap(Object.keys))].map((name) => [name]);
    /** @param {State} state */
    const part = (state) => graft({}, state, pathsOf(state));
    return {
        pathsOf,
        part,
        read: () => part(external.getState() ?? {}),

        /**
         * Puts into the external store what it lacks.
         * @param {State} outside what it has
         * @param {State} shown what it shall have
         */
        write(outside, shown) {
            // What comes from elsewhere takes the place of no function: those are the application's own.
            const isNew = (/** @type {Path} */ path) => at(outside, path) !== at(shown, path) && typeof at(outside, path) !== 'function';
            const changed = pathsOf(outside, shown).filter(isNew);
            if (changed.length === 0) return;
            const next = graft(external.getState() ?? {}, shown, changed);
            external.setState(Object.fromEntries(changed.map((path) => segments(path)[0] ?? '').map((name) => [name, next[name]])));
        },
    };
}

/**
 * Brings to each side what the other one has changed.
 * @param {DashboardSide} store
 * @param {ReturnType<typeof createView>} view
 * @param {State} beginning what stands in for what the dashboard store lacks
 */
function createExchange(store, { part, pathsOf, read, write }, beginning) {
    /** What both had last: what is there now may be another user's, and is no edit. The external store gets no object of it. */
    let agreed = share(undefined, read());
    /** The dashboard store's state that was looked at last. */
    let seen = {};

    /**
     * @param {State} next
     * @param {State} ours
     */
    function hand(next, ours) {
        const changed = pathsOf(ours, next).filter((path) => at(ours, path) !== at(next, path));
        if (changed.length === 0) return;
        let given = seen;
        store.setState((/** @type {State} */ state) => (given = graft(state, next, changed)));
        // It has copied what is new. Anything else is a listener's, and news.
        const now = store.getState();
        seen = share(given, now) === given ? now : given;
    }

    return {
        hasNews: () => store.getState() !== seen,

        run() {
            const outside = read();
            const edited = share(agreed, outside);
            const state = store.getState();
            const stored = part(state);
            const ours = graft(stored, beginning, pathsOf(stored, beginning).filter((path) => at(stored, path) === undefined));
            // A store that was destroyed takes no edits, and has no news: nothing is taken back then.
            const isNews = state !== seen && share(agreed, ours) !== agreed;
            seen = state;
            if (edited === agreed && !isNews) return;
            let next = ours;
            if (edited !== agreed) {
                // Both have something new where the external store tells of its changes later than they happen.
                next = share(ours, isNews ? merge(agreed, edited, ours, ({ local }) => local) : edited);
                hand(next, ours);
            }
            if (isNews) write(outside, share(outside, next));
            agreed = next;
        },
    };
}
