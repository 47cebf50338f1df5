import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSchedule } from './schedule.js';

/** More of them: `make soak`. One again: Tests/Web/simulation/replay.js. */
const SCHEDULES = Number(process.env.SCHEDULES ?? 300);
const FIRST = Number(process.env.FIRST_SEED ?? 1);

test(`${SCHEDULES} schedules: all come to rest with the same, nothing vanishes, nothing is sent without edits`, { timeout: 7_200_000 }, async () => {
    const broken = [];
    const sum = { tokens: 0, reported: 0, requests: 0 };
    for (let seed = FIRST; seed < FIRST + SCHEDULES; seed += 1) {
        try {
            const counts = await runSchedule(seed);
            for (const name of Object.keys(sum)) sum[name] += counts[name];
        } catch (error) {
            broken.push(`seed ${seed}: ${error.message.split('\n')[0]}`);
        }
    }
    assert.deepEqual(broken, []);
    // Schedules in which hardly anything happens would show nothing.
    assert.ok(sum.tokens > 20 * SCHEDULES && sum.requests > 10 * SCHEDULES && sum.reported > SCHEDULES, JSON.stringify(sum));
    console.log(`${SCHEDULES} schedules: ${sum.tokens} edits, ${sum.requests} requests, ${sum.reported} losses reported`);
});
