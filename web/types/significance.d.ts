/**
 * @param {import('./store.js').StoreOptions<any>} options
 */
export function createSignificance({ significantPaths, localPaths }: import('./store.js').StoreOptions<any>): {
    /**
     * Every member is made text once, however large.
     * @param {State} state
     * @returns {Snapshot}
     */
    snapshot(state: State): Snapshot;
    /**
     * Whether a state became another one in something that is worth a sync. Where the application has not said what
     * is, and its states have nothing of what usually is, everything is.
     * @param {Snapshot} one
     * @param {Snapshot} other
     */
    differs(one: Snapshot, other: Snapshot): boolean;
    /**
     * Whether a state has something worth a sync that the server's has not.
     * @param {State} state
     * @param {State} synced
     */
    isDirty(state: State, synced: State): boolean;
    /**
     * Says once where nothing of a state will ever be synced.
     * @param {State} state
     */
    tell(state: State): void;
};
/**
 * What of a state is worth a sync.
 */
export type State = import('./paths.js').State;
/**
 * a state as JSON, and what is significant in it
 */
export type Snapshot = {
    text: string;
    marks: (string | undefined)[];
};
