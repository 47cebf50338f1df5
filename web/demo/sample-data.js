/**
 * Numbers to look at. They follow from a seed, so that a widget shows the same ones on all devices.
 */

/**
 * @param {string} seed
 * @returns {() => number} 0 … 1, the same sequence for the same seed
 */
function randomFrom(seed) {
    let hash = 2166136261;
    for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
    return () => {
        hash = (hash + 0x6d2b79f5) | 0;
        let mixed = Math.imul(hash ^ (hash >>> 15), hash | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

/**
 * @param {string} seed
 * @param {number} days
 * @returns {number[]} the last one is today's
 */
export function series(seed, days) {
    const random = randomFrom(seed);
    const level = 200 + Math.round(random() * 18) * 100;
    const slope = 0.3 + random() * 0.5;
    const phase = random() * 7;
    const values = [];
    let drift = 0;
    for (let day = 0; day < 90; day += 1) {
        drift = drift * 0.8 + (random() - 0.5) * 0.16;
        const week = Math.sin(((day + phase) / 7) * 2 * Math.PI) * 0.09;
        values.push(Math.round(level * (0.7 + (slope * day) / 90 + week + drift)));
    }
    return values.slice(-days);
}

/**
 * @param {number} before days before today
 * @returns {string} such as "3 Nov"
 */
export function dayName(before) {
    const date = new Date();
    date.setDate(date.getDate() - before);
    return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(date);
}

const EVENTS = [
    ['Dana', 'approved the new banner', '4 min ago'],
    ['Kofi', 'closed “Menu flickers”', '21 min ago'],
    ['Mei', 'deployed version 2.4', '1 h ago'],
    ['Luis', 'uploaded 12 photos', '2 h ago'],
    ['Ines', 'invited two testers', '3 h ago'],
    ['Omar', 'finished the survey', '5 h ago'],
    ['Vera', 'moved the rehearsal', 'yesterday'],
    ['Jonas', 'renewed a licence', 'yesterday'],
];

/** @param {string} seed */
export function events(seed) {
    const start = Math.floor(randomFrom(seed)() * EVENTS.length);
    return EVENTS.map((_, index) => EVENTS[(start + index) % EVENTS.length] ?? []).map(([who = '', what = ''], index) => ({
        who,
        what,
        when: EVENTS[index]?.[2] ?? '',
    }));
}
