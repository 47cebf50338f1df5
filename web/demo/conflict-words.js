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
 * @param {Item} item
 * @param {string} id
 * @param {DashboardState} state
 */
function widgetText(item, id, state) {
    const { path, local, remote, base } = item;
    const [, , field] = path;
    const known = state.widgets.find((widget) => widget.id === id);
    const title = quote(known?.title ?? [local, remote, base].find((value) => value?.title)?.title);
    if (field === undefined) {
        if (remote === undefined) return `${title} was removed there; you had changed it.`;
        if (local === undefined) return `${title} was changed there; you had removed it.`;
        return `${title} was changed.`;
    }
    if (field === 'title') return `The title of a widget: ${nowAndThen(item, quote)}.`;
    if (field === 'text') return `The text of ${title}: ${nowAndThen(item, quote)}.`;
    return `The ${field === 'w' || field === 'h' ? 'size' : 'place'} of ${title}.`;
}

/**
 * @param {Item} item
 * @param {DashboardState} state
 */
function itemText(item, state) {
    const [first, second] = item.path;
    const id = typeof second === 'object' && 'id' in second ? String(second.id) : undefined;
    switch (first) {
        case undefined:
            return 'The server had gone back to an older copy of the whole dashboard.';
        case 'widgets':
            return id === undefined ? 'The order of the widgets.' : widgetText(item, id, state);
        case 'activeProject':
            return `The open project: ${nowAndThen(item, (value) => PROJECTS[/** @type {keyof typeof PROJECTS} */ (value)] ?? quote(value))}.`;
        case 'activeTasks': {
            const task = TASKS.find((candidate) => candidate.id === id);
            return task ? `The task ${quote(task.name)}.` : 'The ticked tasks.';
        }
        case 'filters':
            return `The period: ${nowAndThen(item, (value) => `${value} days`)}.`;
        default:
            return 'Something else.';
    }
}

/**
 * @param {Conflict} conflict
 * @param {DashboardState} state
 * @returns {string[]} one sentence for each place
 */
export const conflictTexts = ({ items }, state) => [...new Set(items.map((item) => itemText(item, state)))];

/** @param {Conflict} conflict */
export const undoText = ({ items }) => (items.every(isOursLost) ? 'Undo: bring mine back' : 'Undo: use what was lost');
