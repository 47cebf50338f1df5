/** @param {Answer} answer @returns {Saved | Conflict | undefined} */
export function readSave({ status, fields, body }: Answer): Saved | Conflict | undefined;
/** @param {Answer} answer @returns {Found | NotModified | NotFound | undefined} */
export function readDocument({ status, fields, body }: Answer): Found | NotModified | NotFound | undefined;
/** @param {Answer} answer @returns {Deleted | NotFound | Conflict | undefined} */
export function readDeletion({ status, body }: Answer): Deleted | NotFound | Conflict | undefined;
/**
 * What every method's answers have in common. Whatever is not known to come from the service itself, such as a page to
 * sign in or a proxy's error, tells nothing about what is stored.
 * @param {Answer} answer
 * @returns {Unavailable | Rejected}
 */
export function classify({ status, fields, body, isUnsent }: Answer): Unavailable | Rejected;
/**
 * What the service's answers mean.
 */
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
     * what tells which documents came before this one
     */
    ancestry?: string | undefined;
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
/**
 * What the service's answers mean.
 */
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
/**
 * What the service's answers mean.
 */
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
    problem?: Problem;
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
/**
 * What the service's answers mean.
 */
export type Answer = {
    status: number;
    fields: Headers;
    body?: any;
    isUnsent?: boolean;
};
