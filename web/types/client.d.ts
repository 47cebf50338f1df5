/**
 * Speaks with the service. What can be expected to happen is a result, told apart by its `status`; only wrong arguments,
 * an error of the application's `headers` and the caller's own abort are thrown.
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
export type Answer = import('./answers.js').Answer;
export type StoredDocument = import('./answers.js').StoredDocument;
export type Saved = import('./answers.js').Saved;
export type Conflict = import('./answers.js').Conflict;
export type Found = import('./answers.js').Found;
export type NotModified = import('./answers.js').NotModified;
export type NotFound = import('./answers.js').NotFound;
export type Deleted = import('./answers.js').Deleted;
export type Unavailable = import('./answers.js').Unavailable;
export type Rejected = import('./answers.js').Rejected;
export type RequestOptions = {
    /**
     * the call then rejects with the signal's reason
     */
    signal?: AbortSignal | undefined;
    /**
     * instead of the client's
     */
    retries?: number | undefined;
    /**
     * whose document the page means: sent as `X-Dashboard-User` and
     * `X-Dashboard-Workspace`, percent-encoded; the service refuses the request where it is another one's
     */
    identity?: {
        user?: string | undefined;
        workspace?: string | undefined;
    } | undefined;
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
     * at most 64 visible ASCII characters without `"` and `\`, stored with the document
     */
    ancestry?: string | undefined;
    /**
     * instead of the client's
     */
    checksum?: boolean | undefined;
    /**
     * the page goes away: the request shall outlive it, if it is small enough for that
     */
    keepalive?: boolean | undefined;
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
    headers?: HeadersInit | (() => HeadersInit | PromiseLike<HeadersInit>) | undefined;
    /**
     * sent as `X-Workspace`, for a sign-in that lets users choose; percent-encoded where it has
     * more than ASCII
     */
    workspace?: string | undefined;
    /**
     * ms for one attempt, 10 s unless given; 50 ms more for each KiB that is sent or announced
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
