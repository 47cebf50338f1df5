/**
 * Speaks with the service. What can be expected to happen is a result, told apart by its `status`; only wrong arguments
 * and the caller's own abort are thrown.
 * @param {ClientOptions} [options]
 */
export function createDashboardStateClient(options?: ClientOptions | undefined): {
    /**
     * Saves a state. Repeating it is harmless: the same version and state again are a success.
     * @param {State} state
     * @param {number} version one above the version it was made from, 0 … 2^53−1
     * @param {RequestOptions & Preconditions & SaveFields} [request]
     * @returns {Promise<Saved | Conflict | Unavailable | Rejected>}
     * @throws {TypeError} where the state is no object, or the version no such number
     */
    saveDashboardState(state: State, version: number, request?: (RequestOptions & Preconditions & SaveFields) | undefined): Promise<Saved | Conflict | Unavailable | Rejected>;
    /**
     * Reads what is stored.
     * @param {RequestOptions & {etag?: string}} [request] with the entity tag of what is known already, the answer may
     *   be `not-modified`
     * @returns {Promise<Found | NotModified | NotFound | Unavailable | Rejected>}
     */
    getDashboardState(request?: (RequestOptions & {
        etag?: string | undefined;
    }) | undefined): Promise<Found | NotModified | NotFound | Unavailable | Rejected>;
    /**
     * Deletes what is stored. Tried again only with `ifMatch`: without it, a second attempt might delete what another
     * device has saved meanwhile.
     * @param {RequestOptions & Preconditions} [request]
     * @returns {Promise<Deleted | NotFound | Conflict | Unavailable | Rejected>}
     */
    deleteDashboardState(request?: (RequestOptions & Preconditions) | undefined): Promise<Deleted | NotFound | Conflict | Unavailable | Rejected>;
};
export type State = import('./paths.js').State;
/**
 * what the server has
 */
export type StoredDocument = {
    /**
     * 0 … 2^53−1
     */
    version: number;
    state: State;
    /**
     * RFC 3339
     */
    lastModified?: string | undefined;
    /**
     * lowercase hex SHA-256 of the state's RFC 8785 form
     */
    checksum?: string | undefined;
    /**
     * strong entity tag, changes with every write
     */
    etag?: string | undefined;
};
/**
 * problem details (RFC 9457)
 */
export type Problem = {
    [member: string]: any;
    type?: string | undefined;
    title?: string | undefined;
    status?: number | undefined;
    detail?: string | undefined;
};
/**
 * `replaced`: another document was
 */
export type Saved = {
    status: 'saved';
    version: number;
    etag?: string;
    replaced: boolean;
};
/**
 * not saved: the stored one wins, or
 *  the precondition failed. Without `current` nothing may be stored at all
 */
export type Conflict = {
    status: 'conflict';
    current?: StoredDocument;
};
export type Found = {
    status: 'found';
    document: StoredDocument;
};
/**
 * the entity tag still holds
 */
export type NotModified = {
    status: 'not-modified';
};
/**
 * nothing is stored, and the service itself says so
 */
export type NotFound = {
    status: 'not-found';
};
export type Deleted = {
    status: 'deleted';
};
/**
 * nothing is known about what is stored; a write may or may not have arrived, but with `isUnsent` it certainly has not.
 * `httpStatus` is 0 without an answer; `retryAfter` in ms
 */
export type Unavailable = {
    status: 'unavailable';
    httpStatus: number;
    retryAfter?: number;
    isUnsent: boolean;
};
/**
 * trying again as it is will not help
 */
export type Rejected = {
    status: 'rejected';
    httpStatus: number;
    problem: Problem;
    isUnsent: true;
};
export type RequestOptions = {
    /**
     * the call then rejects with the signal's reason
     */
    signal?: AbortSignal | undefined;
    /**
     * instead of the client's
     */
    retries?: number | undefined;
};
export type Preconditions = {
    /**
     * the entity tag that must still be the stored one's
     */
    ifMatch?: string | undefined;
    /**
     * nothing may be stored yet
     */
    ifNoneMatch?: "*" | undefined;
};
export type SaveFields = {
    /**
     * RFC 3339; decides between equal versions
     */
    lastModified?: string | undefined;
    /**
     * instead of the client's
     */
    checksum?: boolean | undefined;
};
export type ClientOptions = {
    /**
     * where the service is, `/api/dashboard` unless given
     */
    baseUrl?: string | undefined;
    fetch?: typeof fetch | undefined;
    /**
     * sent with each request
     */
    headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
    /**
     * sent as `X-Workspace`, for a sign-in that lets users choose
     */
    workspace?: string | undefined;
    /**
     * ms for one attempt, 10 s unless given
     */
    timeout?: number | undefined;
    /**
     * further attempts after one that got no answer or 429/5xx, 2 unless given
     */
    retries?: number | undefined;
    /**
     * send checksums with saves, for the service to verify
     */
    checksum?: boolean | undefined;
};
export type DashboardStateClient = ReturnType<typeof createDashboardStateClient>;
export type Answer = {
    status: number;
    fields: Headers;
    body?: any;
    isUnsent?: boolean;
};
