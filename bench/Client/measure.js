import { createDashboardStore } from '../../web/index.js';
import { merge } from '../../web/merge.js';

const ROUNDS = 60;

/** Widgets as dashboards have them, of so many bytes as JSON. */
function stateOf(size) {
    const widgets = [];
    for (let bytes = 0; bytes < size; bytes += JSON.stringify(widgets.at(-1)).length + 1) {
        const id = `widget-${widgets.length}`;
        widgets.push({ id, kind: 'chart', x: widgets.length, y: 2, w: 4, h: 3, title: `The title of ${id}`, options: { series: [1, 2, 3], unit: 'ms' } });
    }
    return { widgets };
}

/** @param {number[]} times in ms */
function figures(times) {
    const sorted = times.sort((a, b) => a - b);
    const at = (part) => sorted[Math.floor(part * (sorted.length - 1))].toFixed(1);
    return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms`;
}

/** An answer that never comes: only the page is measured. */
const client = { getDashboardState: () => new Promise(() => {}), saveDashboardState: () => new Promise(() => {}) };

async function edits(size) {
    localStorage.clear();
    const store = createDashboardStore({ client, user: 'bench', workspace: String(size), initialState: stateOf(size) });
    store.subscribe(() => store.getStatus());
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
        const { widgets } = store.getState();
        const next = { widgets: widgets.map((widget, index) => (index === round ? { ...widget, x: -1 } : widget)) };
        const start = performance.now();
        store.setState(next);
        times.push(performance.now() - start);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { isPersisted } = store;
    store.destroy();
    return `${figures(times)}${isPersisted ? '' : ' (not persisted)'}`;
}

function merges() {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
        const base = Array.from({ length: 8000 }, (_, id) => ({ id, x: id, y: 0 }));
        const local = base.map((one) => (one.id % 7 ? one : { ...one, x: -1 })).reverse();
        const remote = base.filter(({ id }) => id % 11).map((one) => (one.id % 5 ? one : { ...one, y: 1 }));
        for (let id = 9000; id < 9100; id += 1) remote.splice(id % 100, 0, { id, x: 0, y: 0 });
        const start = performance.now();
        merge({ widgets: base }, { widgets: local }, { widgets: remote }, ({ remote: wins }) => wins);
        times.push(performance.now() - start);
    }
    return figures(times);
}

/** Each gives its figures; how often it does the thing is {@link window.rounds}. */
window.parts = {
    'setState, 20 KB': () => edits(20_000),
    'setState, 100 KB': () => edits(100_000),
    'setState, 900 KB': () => edits(900_000),
    'merging 8,000 elements': async () => merges(),
};
window.rounds = ROUNDS;
