import { World } from './world.js';
import { runSchedule } from './schedule.js';
const orig = World.prototype.pass; let n = 0;
const settle = World.prototype.settle;
World.prototype.settle = async function () { n += 1; if (n % 2000 === 0) console.log(n, this.now - Date.UTC(2026,0,1)); if (n > 20000) process.exit(1); return settle.call(this); };
setTimeout(()=>{},1);
runSchedule(Number(process.argv[2])).then((r) => { console.log(r); process.exit(0) }, (e) => { console.log(e); process.exit(0) });
