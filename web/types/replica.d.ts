/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {ReturnType<typeof createReplica>} Replica
 */
/**
 * This tab's copy of the dashboard, and the edits of its user.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {Parameters<typeof createSharedRecord>[2]} on
 */
export function createReplica(options: import('./store.js').StoreOptions<any>, on: [options: import("./store.js").StoreOptions<any>, significance: {
    snapshot(state: import("./paths.js").State): import("./significance.js").Snapshot;
    differs(one: import("./significance.js").Snapshot, other: import("./significance.js").Snapshot): boolean;
    isDirty(state: import("./paths.js").State, synced: import("./paths.js").State): boolean;
    tell(state: import("./paths.js").State): void;
}, on: {
    changed: () => void;
    followed: (hasSynced: boolean) => void;
    signedOut: () => void;
    resumed: () => void;
}][2]): {
    sync: () => import("./record.js").SyncRecord;
    /** When the state was edited last, as the service wants it. */
    lastModified: () => string;
    isDirty: () => boolean;
    /**
     * Takes a change of the user's.
     * @param {State | ((previous: any) => State)} update
     * @param {Partial<SyncRecord>} [changes]
     * @returns {boolean} whether it is significant
     * @throws {TypeError} where it is no object, or JSON would change it
     */
    edit(update: import("./paths.js").State | ((previous: any) => State), changes?: Partial<import("./record.js").SyncRecord> | undefined): boolean;
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
    told(): import("./paths.js").State[];
    synced: () => import("./paths.js").State;
    isChanged: () => boolean;
    isSettled: () => boolean;
    isPersisted: () => boolean;
    isOutdated: () => boolean;
    isReplaced: () => boolean;
    unreadable: () => string | null;
    exclusively: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
    commit: (changes: Partial<import("./record.js").SyncRecord> | undefined, next?: import("./paths.js").State | undefined, shot?: import("./significance.js").Snapshot | undefined) => void;
    refresh: () => void;
    localised: (state: import("./paths.js").State) => import("./paths.js").State;
    stamp: (at: string) => undefined;
    state: () => import("./paths.js").State;
    shown: () => import("./paths.js").State;
    mend: () => undefined;
    open(): void;
    revisit(): boolean;
    signOut(what: import("./shared-record.js").SignOut): import("./shared-record.js").SignOut;
    destroy(): void;
};
export type State = import('./paths.js').State;
export type SyncRecord = import('./record.js').SyncRecord;
export type Replica = ReturnType<typeof createReplica>;
