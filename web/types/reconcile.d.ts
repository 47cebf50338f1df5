/**
 * Decides between this device's state and the one that the server has. The server is newer: its state is restored.
 * This device is newer: its state stays, to be pushed. Both have something new: they are merged.
 *
 * @param {object} sides
 * @param {Version} sides.base what this device synced last
 * @param {State} sides.local
 * @param {Version} sides.remote
 * @param {Version | null} sides.sent what this device sent since, without learning whether it arrived
 * @param {ConflictPolicy} policy
 * @returns {{state: State, items: ConflictItem[]}} what this device shall have, and what was lost by it
 */
export function reconcile({ base, local, remote, sent }: {
    base: Version;
    local: State;
    remote: Version;
    sent: Version | null;
}, policy: ConflictPolicy): {
    state: State;
    items: ConflictItem[];
};
export type State = import('./paths.js').State;
export type Overlap = import('./merge.js').Overlap;
/**
 * a state as the server has or had it
 */
export type Version = {
    version: number;
    state: State;
    /**
     * RFC 3339
     */
    lastModified?: string | undefined;
    etag?: string | undefined;
};
/**
 * who wins a place that both sides changed;
 * a function gives the value itself
 */
export type ConflictPolicy = "client" | "server" | ((overlap: Overlap) => any);
/**
 * a place where both sides differed, the value that won and
 * the one that lost
 */
export type ConflictItem = Overlap & {
    kept: any;
    lost: any;
};
