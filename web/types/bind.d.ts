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
export function bindStore<E>(store: DashboardSide, external: ExternalStore<E>, options?: BindOptions | undefined): () => void;
export type State = import('./paths.js').State;
export type Path = import('./paths.js').Path;
export type DashboardSide = Pick<import('./store.js').DashboardStore<any>, 'getState' | 'setState' | 'subscribe'>;
export type BindOptions = {
    /**
     * what of the other store's state is synced: `['widgets', 'filters.date']`. All that
     * is no function unless given
     */
    paths?: readonly import("./paths.js").Path[] | undefined;
};
/**
 * a store of the application's: zustand's is one as it is. For others see `examples/`
 */
export type ExternalStore<E> = {
    /**
     * what `setState` has set is here at once
     */
    getState: () => E;
    /**
     * puts these members in the place of those that are there, and leaves the
     * others; undefined removes one
     */
    setState: (changes: any) => void;
    /**
     * calls the listener after changes, at once or later; what it
     * returns ends that
     */
    subscribe: (listener: () => void) => () => void;
};
