/**
 * Settles this device's state with the server's.
 * @param {import('./store.js').StoreOptions<any>} options
 * @param {import('./replica.js').Replica} replica
 */
export function createSynchroniser({ client, user, workspace, sendsIdentity, conflictPolicy }: import('./store.js').StoreOptions<any>, replica: import('./replica.js').Replica): {
    settle: ({ all, isAsked, isLeaving, signal, begin }: Settling) => Promise<Settled>;
    isStale: () => boolean;
    /** @param {boolean} value whether to ask the server before anything is sent */
    setStale: (value: boolean) => undefined;
};
export type State = import('./paths.js').State;
export type SyncRecord = import('./record.js').SyncRecord;
export type StoredDocument = import('./answers.js').StoredDocument;
export type Unavailable = import('./answers.js').Unavailable;
export type Rejected = import('./answers.js').Rejected;
export type Settling = {
    /**
     * send what is not significant too
     */
    all?: boolean | undefined;
    /**
     * somebody waits for it: what was refused is sent again
     */
    isAsked?: boolean | undefined;
    /**
     * the page goes away: there is no time for anything but the request
     */
    isLeaving?: boolean | undefined;
    signal: AbortSignal;
    /**
     * called before a request
     */
    begin: () => void;
};
export type Result = Awaited<ReturnType<import('./client.js').DashboardStateClient['saveDashboardState' | 'getDashboardState']>>;
/**
 * a function of the application's
 * has thrown; `isEarly`: before a request, so that to try again costs none
 */
export type Failed = {
    status: 'failed';
    error: unknown;
    isUnsent?: false;
    isEarly?: boolean;
};
/**
 * `void`: another tab has
 * asked or learned something meanwhile, so that the answer tells nothing any more
 */
export type Settled = {
    status: 'synced';
} | {
    status: 'void';
} | Failed | Unavailable | Rejected;
