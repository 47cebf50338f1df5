/**
 * How long to wait before a further attempt: twice as long each time, up to half a minute, never less than the server
 * asked for, and never the same for all clients, which would come back together.
 * @param {number} attempt how many have failed since the last success, from 0
 * @param {number} [retryAfter] ms that the server asked for
 * @returns {number} ms
 */
export function retryDelay(attempt, retryAfter = 0) {
    return retryAfter + Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/**
 * The field Retry-After (RFC 9110 section 10.2.3), seconds or a date.
 * @param {string | null} field
 * @returns {number | undefined} ms from now
 */
export function parseRetryAfter(field) {
    const ms = Number(field) * 1000 || Date.parse(field ?? '') - Date.now();
    return ms > 0 ? ms : undefined;
}
