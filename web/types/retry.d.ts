/**
 * How long to wait before a further attempt: twice as long each time, up to half a minute, never less than the server
 * asked for, and never the same for all clients, which would come back together.
 * @param {number} attempt how many have failed since the last success, from 0
 * @param {number} [retryAfter] ms that the server asked for
 * @returns {number} ms
 */
export function retryDelay(attempt: number, retryAfter?: number | undefined): number;
/**
 * The field Retry-After (RFC 9110 section 10.2.3), seconds or a date.
 * @param {string | null} field
 * @returns {number | undefined} ms from now
 */
export function parseRetryAfter(field: string | null): number | undefined;
