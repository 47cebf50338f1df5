/**
 * Decides overlaps, and notes what is lost by that.
 * @returns {{items: ConflictItem[], decide: (overlap: Overlap, wins: ConflictPolicy) => any}} `decide` throws where a policy
 *   gives a promise, or what is no JSON
 */
export function createDecisions(): {
    items: ConflictItem[];
    decide: (overlap: Overlap, wins: ConflictPolicy) => any;
};
/**
 * Decides between this device's state and the one that the server has. The server is newer: its state is restored.
 * This device is newer: its state stays, to be pushed. Both have something new: they are merged.
 *
 * @param {object} sides
 * @param {Version} sides.base what this device synced last
 * @param {State} sides.local
 * @param {Version} sides.remote
 * @param {readonly {version: number, state: State}[]} [sides.sent] what this device sent since, without learning whether it
 *   arrived
 * @param {readonly State[]} [sides.told] what this device has had since and another tab may have sent, beginning with the base
 * @param {ConflictPolicy} policy
 * @returns {{state: State, items: ConflictItem[]}} what this device shall have, and what was lost by it
 */
export function reconcile({ base, local, remote, sent, told }: {
    base: Version;
    local: State;
    remote: Version;
    sent?: readonly {
        version: number;
        state: State;
    }[] | undefined;
    told?: readonly import("./paths.js").State[] | undefined;
}, policy: ConflictPolicy): {
    state: State;
    items: ConflictItem[];
};
/**
 * @param {ConflictItem[]} items
 * @returns {import('./record.js').Conflict[]} none where nothing was lost
 */
export function conflictsOf(items: ConflictItem[]): import('./record.js').Conflict[];
/**
 * Merges what two tabs have made of one state without seeing each other. Where both have changed a place, a policy that is
 * a function decides, and otherwise the later of them; what loses is reported.
 * @param {{base: State, local: State, remote: State, before?: State[]}} sides `before`: what the local one has sent without
 *   an answer, and the remote one may have from the server
 * @param {ConflictPolicy} policy
 * @param {boolean} isRemoteLater
 */
export function mergeEdits({ base, local, remote, before }: {
    base: State;
    local: State;
    remote: State;
    before?: State[];
}, policy: ConflictPolicy, isRemoteLater: boolean): {
    state: import("./paths.js").State;
    conflicts: import("./record.js").Conflict[];
};
export function arrived(sent: readonly {
    version: number;
    state: State;
}[], remote: Version): import("./paths.js").State[];
export function latest(conflicts: readonly import('./record.js').Conflict[]): import("./record.js").Conflict[];
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
    ancestry?: string | undefined;
};
export type Judgement = {
    /**
     * says that the value which the policy gives has all that both sides had, so that there
     * is no loss to report
     */
    nothingLost: () => void;
};
/**
 * who wins a place that
 * both sides changed; a function gives the value itself, at once
 */
export type ConflictPolicy = "client" | "server" | ((overlap: Overlap, judgement: Judgement) => any);
/**
 * a place where both sides differed, the value that won and
 * the one that lost
 */
export type ConflictItem = Overlap & {
    kept: any;
    lost: any;
};
