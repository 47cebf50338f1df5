import { merge } from './merge.js';
import { at, graft } from './paths.js';
import { share } from './sharing.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./paths.js').Path} Path
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
 * What is known of the stores that are or were bound: what they had before that, and which of their paths are.
 * @type {WeakMap<object, {beginning: State, bound: Set<readonly Path[] | undefined>}>}
 */
const registry = new WeakMap();

/**
 * Keeps a store of the application's and a dashboard store the same, in both directions, until it is told to stop.
 *
 * At the beginning the dashboard store's state counts. What it lacks is in the other store what it was there before, as a
 * default: it is sent once it is changed, and is back when the user signs out. Neither store gets an object of the other,
 * so the application may change its state in place.
 * @template E
 * @param {Pick<import('./store.js').DashboardStore<any>, 'getState' | 'setState' | 'subscribe'>} store
 * @param {ExternalStore<E>} external the same one whenever it is bound again
 * @param {BindOptions} [options]
 * @returns {() => void} ends it
 * @throws {TypeError} where `external` is no such store, or is bound already. Where it is changed to what JSON cannot hold,
 *   `setState` of the dashboard store throws, to whoever changed it
 */
export function bindStore(store, external, options = {}) {
    checkStore(external);
    const { read, write, pathsOf } = createView(external, options.paths);
    const current = () => /** @type {State | null | undefined} */ (external.getState());
    const entry = registry.get(external) ?? { beginning: share(undefined, current() ?? {}), bound: new Set() };
    registry.set(external, entry);
    // It would bring what is one user's to another.
    if ([...entry.bound].some((others) => overlap(others, options.paths))) {
        throw new TypeError('bindStore: the store is bound to another dashboard store. End that first: bindStore returns how.');
    }
    const { beginning } = entry;
    const binding = options.paths && [...options.paths];

    /** What both had last: what is there now may be another user's, and is no edit. The external store gets no object of it. */
    let agreed = share(undefined, read(current()));
    /** The dashboard store's state that was looked at last. */
    let known = {};
    let isBound = true;
    let isExchanging = false;
    let isAsked = true;

    function exchange() {
        const outside = read(current());
        const edited = share(agreed, outside);
        const state = store.getState();
        const stored = read(state);
        const ours = graft(stored, beginning, pathsOf(stored, beginning).filter((path) => at(stored, path) === undefined));
        // A store that was destroyed takes no edits, and has no news: nothing is taken back then.
        const isNews = state !== known && share(agreed, ours) !== agreed;
        known = state;
        if (edited === agreed && !isNews) return;
        let next = ours;
        if (edited !== agreed) {
            // Both have something new where the external store tells of its changes later than they happen.
            next = share(ours, isNews ? merge(agreed, edited, ours, ({ local }) => local) : edited);
            hand(next, ours);
        }
        if (isNews) write(outside, share(outside, next));
        agreed = next;
    }

    /**
     * @param {State} next
     * @param {State} ours
     */
    function hand(next, ours) {
        const changed = pathsOf(ours, next).filter((path) => at(ours, path) !== at(next, path));
        if (changed.length === 0) return;
        let given = known;
        store.setState((/** @type {State} */ state) => (given = graft(state, next, changed)));
        known = given;
    }

    /** Called during an exchange too, by what that changes. */
    function settle() {
        if (isExchanging) return;
        isExchanging = true;
        try {
            for (let round = 0; isBound && (isAsked || store.getState() !== known); round += 1) {
                if (round === TOO_MANY) throw new Error('The bound stores do not come to rest: each change is answered with another one.');
                isAsked = false;
                exchange();
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
    entry.bound.add(binding);
    const subscriptions = [store.subscribe(settle), external.subscribe(ask)];
    return () => {
        if (!isBound) return;
        try {
            // What the external store has changed and not told of yet.
            ask();
        } finally {
            isBound = false;
            entry.bound.delete(binding);
            for (const unsubscribe of subscriptions) unsubscribe();
        }
    };
}

/** @param {unknown} external */
function checkStore(external) {
    for (const name of ['getState', 'setState', 'subscribe']) {
        if (typeof (/** @type {any} */ (external)?.[name]) === 'function') continue;
        throw new TypeError(`bindStore needs a store with getState, setState and subscribe; ${name} is missing.`);
    }
}

/**
 * What of a store is synced.
 * @param {ExternalStore<any>} external
 * @param {readonly Path[] | undefined} paths
 */
function createView(external, paths) {
    /** @param {...State} states @returns {readonly Path[]} */
    const pathsOf = (...states) => paths ?? [...new Set(states.flatMap(Object.keys))].map((name) => [name]);
    return {
        pathsOf,

        /** @param {State | null | undefined} state @returns {State} */
        read: (state) => graft({}, state ?? {}, pathsOf(state ?? {})),

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
            external.setState(Object.fromEntries(changed.map(memberOf).map((name) => [name, next[name]])));
        },
    };
}

/** @param {Path} path */
const segments = (path) => (typeof path === 'string' ? path.split('.') : path);

/** @param {Path} path @returns {string} the member of the whole state that it is in */
const memberOf = (path) => segments(path)[0] ?? '';

/**
 * @param {readonly Path[] | undefined} some nothing means everything
 * @param {readonly Path[] | undefined} others
 */
function overlap(some, others) {
    if (!some || !others) return true;
    const isWithin = (/** @type {readonly string[]} */ a, /** @type {readonly string[]} */ b) => b.every((name, index) => a[index] === name);
    return some.map(segments).some((a) => others.map(segments).some((b) => isWithin(a, b) || isWithin(b, a)));
}
