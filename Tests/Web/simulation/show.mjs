import { inspect } from 'node:util';
import { Schedule } from './schedule.js';
const seed = Number(process.argv[2]);
const s = new Schedule(seed);
console.log('policy', String(s.policy).slice(0, 10), 'releases', s.hasReleases, 'losses', s.hasLosses, 'trouble', s.network.trouble, s.devices.map((d) => `lag ${d.lag} blocked ${d.isBlocked} rel ${d.release}`));
await s.live(); await s.rest();
for (const d of s.devices) for (const t of d.tabs) console.log(JSON.stringify(t.store.getState()), JSON.stringify({ ...t.store.getStatus(), conflicts: t.store.conflicts.length }), 'rel', t.release);
console.log('server', JSON.stringify(s.server.document?.state), s.server.document?.version);
try { console.log(s.check()); } catch (e) { console.log(inspect(e.message, { depth: 5 }), e.actual); }
process.exit(0);
