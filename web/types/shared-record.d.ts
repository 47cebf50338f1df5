/**
 * The state and what is known of the server, in one record that the tabs of a browser share. Every change is made on the
 * newest record that the storage has, and is stored at once, so each tab goes on from what the others have made. Where two have written without seeing each other (storage that is blocked, or late
 * between two processes), both merge, and the record with the higher number counts.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {ReturnType<typeof import('./significance.js').createSignificance>} significance
 * @param {{changed: () => void, followed: (hasSynced: boolean) => void, signedOut: () => void, resumed: () => void}} on
 *   `followed`: another tab has changed something; `signedOut`: it has ended the session; `resumed`: no newer release is
 *   there after all
 */
export function createSharedRecord(options: import('./store.js').StoreOptions<any>, significance: ReturnType<typeof import('./significance.js').createSignificance>, on: {
    changed: () => void;
    followed: (hasSynced: boolean) => void;
    signedOut: () => void;
    resumed: () => void;
}): {
    tab: string;
    reader: {
        schemaVersion: number;
        initial: () => import("./paths.js").State;
        initialShared: () => import("./paths.js").State;
        ofServer: (state: import("./paths.js").State) => import("./paths.js").State;
        ofReturn: (state: import("./paths.js").State) => import("./paths.js").State;
        parse(text: string): import("./record.js").StoredRecord;
        blank: () => import("./record.js").StoredRecord;
        unsynced: () => import("./record.js").SyncRecord;
    };
    record: () => Omit<import("./record.js").StoredRecord, "state">;
    snapshot: () => import("./significance.js").Snapshot;
    shared: () => import("./paths.js").State;
    /**
     * What was synced last, and what another tab may have sent since, as it was told. Where they share a storage, the record
     * says what was sent.
     * @returns {State[]}
     */
    told(): State[];
    synced: () => import("./paths.js").State;
    isChanged: () => boolean;
    isSettled: () => boolean;
    isPersisted: () => boolean;
    isOutdated: () => boolean;
    isReplaced: () => boolean;
    unreadable: () => string | null;
    exclusively: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
    commit: (changes: Partial<SyncRecord> | undefined, next?: import("./paths.js").State | undefined, shot?: import("./significance.js").Snapshot | undefined) => void;
    refresh: () => void;
    localised: (state: State) => import("./paths.js").State;
    /** @param {string} at when and where the state was edited */
    stamp: (at: string) => undefined;
    state: () => import("./paths.js").State;
    shown: () => import("./paths.js").State;
    /** Takes back what the application has done to the state in place, since it was stored. */
    mend: () => undefined;
    /** Begins, or begins anew after a sign-out. */
    open(): void;
    /**
     * The page is looked at again.
     * @returns {boolean} whether the copy is gone: another tab has signed out, and this one has not heard
     */
    revisit(): boolean;
    /**
     * Ends the session, in the other tabs too.
     * @param {SignOut} what
     * @returns {SignOut} what has become of it
     */
    signOut(what: SignOut): SignOut;
    destroy(): void;
};
export type State = import('./paths.js').State;
export type SyncRecord = import('./record.js').SyncRecord;
export type StoredRecord = import('./record.js').StoredRecord;
/**
 * whether the copy in the browser's storage went with the session
 */
export type SignOut = 'cleared' | 'kept';
