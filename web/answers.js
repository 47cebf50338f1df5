import { isObject } from './paths.js';
import { parseRetryAfter } from './retry.js';

/**
 * What the service's answers mean.
 *
 * @typedef {import('./paths.js').State} State
 *
 * @typedef {object} StoredDocument what the server has
 * @property {number} version 0 … 2^53−1
 * @property {State} state
 * @property {string} [lastModified] RFC 3339
 * @property {string} [checksum] lowercase hex SHA-256 of the state's RFC 8785 form
 * @property {string} [ancestry] what tells which documents came before this one
 * @property {string} [etag] strong entity tag, changes with every write
 *
 * @typedef {{type?: string, title?: string, status?: number, detail?: string, [member: string]: any}} Problem
 *   problem details (RFC 9457)
 *
 * @typedef {{status: 'saved', version: number, etag?: string, replaced: boolean}} Saved `replaced`: another document was
 * @typedef {{status: 'conflict', current?: StoredDocument}} Conflict not saved: the stored one wins, or
 *   the precondition failed. Without `current` nothing may be stored at all
 * @typedef {{status: 'found', document: StoredDocument}} Found
 * @typedef {{status: 'not-modified'}} NotModified the entity tag still holds
 * @typedef {{status: 'not-found'}} NotFound nothing is stored, and the service itself says so
 * @typedef {{status: 'deleted'}} Deleted
 * @typedef {{status: 'unavailable', httpStatus: number, retryAfter?: number, isUnsent: boolean, problem?: Problem}} Unavailable
 *   nothing is known about what is stored; a write may or may not have arrived, but with `isUnsent` it certainly has not.
 *   `httpStatus` is 0 without an answer; `retryAfter` in ms
 * @typedef {{status: 'rejected', httpStatus: number, problem: Problem, isUnsent: true}} Rejected trying again as it is will not help
 *
 * @typedef {{status: number, fields: Headers, body?: any, isUnsent?: boolean}} Answer
 */

const PROBLEM = 'urn:problem-type:dashboard-state:';
/** What answers a save that certainly has not arrived, by its problem's type. */
const UNSENT = /:(sign-in|storage)-unavailable$/;
/** Refusals whoever gives them: who asks, and how much. Other ones are the service's only where it says so. */
const REFUSALS = [401, 403, 413];

/**
 * @param {any} body
 * @param {string | null} [etag] the answer's field; the document has it as a member too, without the quotes
 * @returns {StoredDocument | undefined}
 */
const documentOf = (body, etag) =>
    Number.isSafeInteger(body?.version) && isObject(body.state)
        ? { ...body, etag: etag ?? (body.etag && `"${body.etag}"`) }
        : undefined;

/**
 * @param {any} body
 * @returns {Conflict}
 */
const conflict = (body) => ({ status: 'conflict', current: documentOf(body?.current) });

/** @param {Answer} answer @returns {Saved | Conflict | undefined} */
export function readSave({ status, fields, body }) {
    if (status === 412 || (status === 200 && body?.success === false)) return conflict(body);
    if (status !== 200 || !Number.isSafeInteger(body?.serverVersion)) return undefined;
    const replaced = body.conflictResolution === 'client';
    return { status: 'saved', version: body.serverVersion, etag: fields.get('ETag') ?? undefined, replaced };
}

/** @param {Answer} answer @returns {Found | NotModified | NotFound | undefined} */
export function readDocument({ status, fields, body }) {
    if (status === 304) return { status: 'not-modified' };
    if (status === 404 && body?.type === `${PROBLEM}nothing-stored`) return { status: 'not-found' };
    const document = status === 200 ? documentOf(body, fields.get('ETag')) : undefined;
    return document && { status: 'found', document };
}

/** @param {Answer} answer @returns {Deleted | NotFound | Conflict | undefined} */
export function readDeletion({ status, body }) {
    if (status === 412) return conflict(body);
    if (status !== 200 || typeof body?.success !== 'boolean') return undefined;
    return { status: body.success ? 'deleted' : 'not-found' };
}

/**
 * What every method's answers have in common. Whatever is not known to come from the service itself, such as a page to
 * sign in or a proxy's error, tells nothing about what is stored.
 * @param {Answer} answer
 * @returns {Unavailable | Rejected}
 */
export function classify({ status, fields, body, isUnsent }) {
    const problem = isObject(body) ? body : {};
    const type = String(problem.type ?? '');
    const isOwn = type.startsWith(PROBLEM);
    if (REFUSALS.includes(status) || (isOwn && status >= 400 && status < 500 && status !== 429)) {
        return { status: 'rejected', httpStatus: status, problem, isUnsent: true };
    }
    // Turned away before the service: too many requests, or nobody to ask who the user is.
    isUnsent ??= status === 429 || (isOwn && UNSENT.test(type));
    const retryAfter = parseRetryAfter(fields.get('Retry-After'), fields.get('Date'));
    return { status: 'unavailable', httpStatus: status, retryAfter, isUnsent, ...(isOwn && { problem }) };
}
