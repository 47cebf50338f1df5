import { runSchedule } from './schedule.js';
const [from, to] = process.argv.slice(2).map(Number);
let bad = 0; const kinds = new Map();
const t = process.hrtime.bigint();
for (let seed = from; seed <= (to || from); seed += 1) {
    try { const r = await runSchedule(seed); if (!to) console.log(r); } catch (e) { bad += 1; const k = e.message.split('\n')[0]; if (!kinds.has(k)) kinds.set(k, []); kinds.get(k).push(seed); if (!to) console.log(e); }
}
console.log('bad', bad, 'ms each', Number(process.hrtime.bigint() - t) / 1e6 / ((to || from) - from + 1));
for (const [k, v] of kinds) console.log(v.length, k.slice(0, 150), v.slice(0, 8).join());
process.exit(0);
