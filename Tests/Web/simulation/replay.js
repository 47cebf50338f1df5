/**
 * One schedule again, to see what happens in it: node Tests/Web/simulation/replay.js SEED [TOKEN]
 *
 * Each line has the ms since the beginning and, for every device, its tabs: T1, with * frozen, d deaf to messages, h hidden; Y
 * where the tab's state has the token, an edit's value.
 */
import { Schedule } from './schedule.js';
import { World } from './world.js';

const [seed, token = 't1'] = process.argv.slice(2);
const schedule = new Schedule(Number(seed));
const { world, devices, server, network, policy, hasReleases, hasLosses } = schedule;
const start = world.now;
const names = new Map();
let last = '';

const nameOf = (tab) => {
    if (!names.has(tab)) names.set(tab, `T${names.size + 1}`);
    return names.get(tab);
};
const mark = (text) => (text?.includes(`"${token}"`) ? 'Y' : '.');

function look(what = '') {
    const shown = devices.map((device, index) => {
        const tabs = device.tabs.map((tab) => {
            const flags = `${tab.isFrozen ? '*' : ''}${tab.isDeaf ? 'd' : ''}${tab.document.hidden ? 'h' : ''}`;
            return `${nameOf(tab)}${flags}${mark(JSON.stringify(tab.store?.getState()))}`;
        });
        return `device ${index + 1}${device.isSignedIn ? '' : ' signed out'} [${[...device.entries.values()].map(mark).join('')}] ${tabs.join(' ')}`;
    });
    const line = `${shown.join(' | ')} | server ${server.document?.version ?? '-'}${mark(server.document?.form)}`;
    if (line !== last) console.log(String(world.now - start).padStart(8), what.padEnd(10), line);
    last = line;
}

const { settle } = World.prototype;
World.prototype.settle = async function () {
    await settle.call(this);
    look();
};
for (const name of ['befall', 'change']) {
    const act = schedule[name];
    schedule[name] = function (...given) {
        const result = act.apply(this, given);
        look(`${name} ${nameOf(given.at(-1))}`);
        return result;
    };
}

console.log({ policy: String(policy), hasReleases, hasLosses, trouble: network.trouble, devices: devices.map(({ lag, isBlocked, hasLocks, hasChannels }) => ({ lag, isBlocked, hasLocks, hasChannels })) });
await schedule.live();
console.log('the trouble ends');
await schedule.rest();
try {
    console.log(schedule.check());
} catch (error) {
    console.log(error.message);
}
process.exit(0);
