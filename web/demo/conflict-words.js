/**
 * Conflicts in words: what both devices have changed, what counts now, and what was lost.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 * @typedef {import('../record.js').Conflict} Conflict
 * @typedef {Conflict['items'][number]} Item
 */
import { PROJECTS, TASKS } from './state.js';

/** @param {unknown} value */
const oneLine = (value) => String(value ?? '').trim().replace(/\s+/g, ' ');

/**
 * @param {unknown} value
 * @param {unknown} [other] what it is to be told from: a long text is shown from where they differ
 */
function quote(value, other) {
    const [text, rest] = [oneLine(value), oneLine(other)];
    let start = 0;
    if (text.length > 40) while (start < text.length && text[start] === rest[start]) start += 1;
    const from = start < 16 ? 0 : Math.min(start - 12, Math.max(0, text.length - 36));
    const shown = `${from > 0 ? '…' : ''}${text.slice(from, from + 40)}${from + 40 < text.length ? '…' : ''}`;
    return shown ? `“${shown}”` : 'empty';
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** @param {Item} item */
const isOursLost = (item) => equal(item.lost, item.local);

/**
 * @param {Item} item
 * @param {(value: any, other: any) => string} show
 */
const nowAndThen = (item, show) =>
    `now ${show(item.kept, item.lost)}, ${isOursLost(item) ? 'yours was' : 'there it was'} ${show(item.lost, item.kept)}`;

/**
 * What is told and undone as one.
 * @typedef {object} Place
 * @property {string} subject what was changed: a widget's title, or something of the whole dashboard
 * @property {string} [widget] its id
 * @property {string} what of it: "title", say
 * @property {string} text
 * @property {Item[]} items
 */

/** @param {Item} item */
function widgetId({ path: [first, second] }) {
    return first === 'widgets' && typeof second === 'object' && 'id' in second ? String(second.id) : undefined;
}

/**
 * @param {Item} item
 * @param {string} id
 * @param {DashboardState} state
 * @returns {Place}
 */
function widgetPlace(item, id, state) {
    const { path, local, remote, base } = item;
    const field = path[2];
    const known = state.widgets.find((widget) => widget.id === id);
    const title = known?.title ?? [local, remote, base].find((value) => value?.title)?.title;
    /** @param {string} what @param {string} text */
    const place = (what, text) => ({ subject: oneLine(title) || 'A widget', widget: id, what, text, items: [item] });
    if (field === undefined && remote === undefined) return place('widget', 'Removed there; you had changed it.');
    if (field === undefined && local === undefined) return place('widget', 'Changed there; you had removed it.');
    if (field === 'title') return place('title', `Title: ${nowAndThen(item, quote)}.`);
    if (field === 'text') return place('text', `Text: ${nowAndThen(item, quote)}.`);
    const now = isOursLost(item) ? 'now as on the other device' : 'now as you left it; on the other device it was different';
    if (field === 'x' || field === 'y') return place('place', `Place: ${now}.`);
    if (field === 'w' || field === 'h') return place('size', `Size: ${now}.`);
    return place('rest', `Something else of it: ${now}.`);
}

/**
 * @param {Item} item
 * @param {DashboardState} state
 * @returns {Place}
 */
function placeOf(item, state) {
    const widget = widgetId(item);
    if (widget !== undefined) return widgetPlace(item, widget, state);
    /** @param {string} subject @param {string} what @param {string} text */
    const place = (subject, what, text) => ({ subject, what, text, items: [item] });
    const [first, second] = item.path;
    switch (first) {
        case undefined:
            return place('The dashboard', 'dashboard', 'The server had gone back to an older copy of all of it.');
        case 'widgets':
            return place('The dashboard', 'order', 'The order of the widgets.');
        case 'activeProject': {
            /** @param {keyof typeof PROJECTS} project */
            const name = (project) => PROJECTS[project] ?? quote(project);
            return place('The dashboard', 'open project', `Open project: ${nowAndThen(item, name)}.`);
        }
        case 'activeTasks': {
            const task = TASKS.find(({ id }) => typeof second === 'object' && 'id' in second && second.id === id);
            return place('The dashboard', 'tasks', task ? `The task ${quote(task.name)}.` : 'The ticked tasks.');
        }
        case 'filters':
            return place('The dashboard', 'period', `Period: ${nowAndThen(item, (value) => `${value} days`)}.`);
        default:
            return place('The dashboard', 'rest', 'Something else.');
    }
}

/**
 * @param {Conflict} conflict
 * @param {DashboardState} state
 * @returns {Place[]} what reads the same is one: a place has two coordinates
 */
export function conflictPlaces({ items }, state) {
    /** @type {Map<string, Place>} */
    const places = new Map();
    for (const item of items) {
        const place = placeOf(item, state);
        const key = JSON.stringify([place.widget, place.text]);
        const known = places.get(key);
        if (known) known.items.push(item);
        else places.set(key, place);
    }
    return [...places.values()];
}

/**
 * @param {Place[]} places
 * @returns {string} whom it concerns, in one sentence
 */
export function conflictTitle(places) {
    const widgets = new Set(places.filter(({ widget }) => widget !== undefined).map(({ widget }) => widget));
    const subjects = [...new Set(places.map(({ subject, widget }) => (widget === undefined ? subject : quote(subject))))];
    if (subjects.length === 1) return `${subjects[0]} was also changed on another device`;
    if (subjects.length === 2) return `${subjects[0]} and ${subjects[1]} were also changed on another device`;
    return widgets.size === subjects.length
        ? `${widgets.size} widgets were also changed on another device`
        : 'The dashboard was also changed on another device';
}

/** @param {readonly Conflict[]} conflicts @returns {Set<string>} the ids of the widgets that they are about */
export const conflictWidgets = (conflicts) => new Set(conflicts.flatMap(({ items }) => items.flatMap((item) => widgetId(item) ?? [])));

/** @param {Conflict} conflict @param {number} places how many there are */
export function undoText({ items }, places) {
    if (!items.every(isOursLost)) return 'Use what was lost';
    return places > 1 ? 'Bring all mine back' : 'Bring mine back';
}
