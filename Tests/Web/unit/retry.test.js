import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRetryAfter, retryDelay } from '../../../web/retry.js';

test('waits double up to half a minute, and no two are alike', () => {
    for (const [attempt, longest] of [[0, 500], [1, 1000], [5, 16_000], [6, 30_000], [60, 30_000]]) {
        const delays = Array.from({ length: 100 }, () => retryDelay(attempt));
        assert.ok(Math.min(...delays) >= longest / 2 && Math.max(...delays) <= longest);
        assert.ok(new Set(delays).size > 50);
    }
    assert.ok(retryDelay(0, 7000) >= 7250);
    // A month, or a date of a clock that is years behind, is a day: timers count in 32 bits.
    assert.ok(retryDelay(0, 30 * 86_400_000) <= 86_400_500);
});

test('Retry-After is seconds or a date, and nothing else', () => {
    assert.equal(parseRetryAfter('3'), 3000);
    const ms = parseRetryAfter(new Date(Date.now() + 60_000).toUTCString()) ?? 0;
    assert.ok(ms > 50_000 && ms <= 60_000);
    for (const field of [null, '', '0', '-5', 'soon', 'Thu, 01 Jan 1970 00:00:00 GMT']) assert.equal(parseRetryAfter(field), undefined);
});

test('a date counts by the clock of the server that gave it', () => {
    assert.equal(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT'), 30_000);
    assert.equal(parseRetryAfter('Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:00:30 GMT'), undefined);
});
