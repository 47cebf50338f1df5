/**
 * Settles this device's state with the server's.
 * @param {import('./client.js').DashboardStateClient} client
 * @param {import('./replica.js').Replica} replica
 * @param {import('./reconcile.js').ConflictPolicy} policy
 */
export function createSynchroniser(client: import('./client.js').DashboardStateClient, replica: import('./replica.js').Replica, policy: import('./reconcile.js').ConflictPolicy): {
    settle: ({ all, isLeaving, signal, begin }: Settling) => Promise<{
        status: 'synced';
    } | Unavailable | Rejected>;
    isStale: () => boolean;
    /** @param {boolean} value whether to ask the server before anything is sent */
    setStale: (value: boolean) => undefined;
};
export type State = import('./paths.js').State;
export type Version = import('./reconcile.js').Version;
export type StoredDocument = import('./client.js').StoredDocument;
export type Unavailable = import('./client.js').Unavailable;
export type Rejected = import('./client.js').Rejected;
export type Settling = {
    /**
     * send what is not significant too
     */
    all?: boolean | undefined;
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
