/**
 * The state that the store keeps, and every edit to it: functions from one state to the next.
 *
 * @typedef {'apollo' | 'gemini' | 'mercury'} Project
 * @typedef {import('./kinds.js').Kind} Kind
 * @typedef {import('./layout.js').Box} Box
 * @typedef {Box & {id: string, kind: Kind, title: string, project: Project, text?: string}} Widget
 *
 * @typedef {object} DashboardState
 * @property {Widget[]} widgets of all projects; elements have ids, so that edits to different ones merge
 * @property {Project} activeProject
 * @property {{id: string}[]} activeTasks those that are ticked; with ids for the same reason
 * @property {{days: number}} filters
 * @property {{sidebar: boolean, unsaved: number}} ui stays on this device (`localPaths`): whether the sidebar is open,
 *   and how many edits have not reached the server
 *
 * @typedef {(state: DashboardState) => DashboardState} Change
 */
import { KINDS } from './kinds.js';
import { freeBox } from './layout.js';

/** @type {Record<Project, string>} */
export const PROJECTS = { apollo: 'Apollo', gemini: 'Gemini', mercury: 'Mercury' };

export const TASKS = [
    { id: 'apollo-1', project: 'apollo', name: 'Invite the beta testers' },
    { id: 'apollo-2', project: 'apollo', name: 'Agree on the launch date' },
    { id: 'apollo-3', project: 'apollo', name: 'Write the release notes' },
    { id: 'gemini-1', project: 'gemini', name: 'Compare the two prototypes' },
    { id: 'gemini-2', project: 'gemini', name: 'Book the test lab' },
    { id: 'mercury-1', project: 'mercury', name: 'Measure the start time' },
    { id: 'mercury-2', project: 'mercury', name: 'Renew the certificates' },
    { id: 'mercury-3', project: 'mercury', name: 'Call the supplier' },
];

/**
 * @param {Project} project
 * @param {Kind} kind
 * @param {string} title
 * @param {[number, number, number, number]} box
 * @param {string} [text]
 * @returns {Widget} one that everybody starts with: its id is the same on all devices
 */
const sample = (project, kind, title, [x, y, w, h], text) => ({
    id: `${project}-${kind}-${x}-${y}`,
    kind,
    title,
    project,
    x,
    y,
    w,
    h,
    ...(text === undefined ? {} : { text }),
});

/** @returns {DashboardState} */
export const initialState = () => ({
    widgets: [
        sample('apollo', 'number', 'Active users', [0, 0, 3, 2]),
        sample('apollo', 'number', 'Revenue', [3, 0, 3, 2]),
        sample('apollo', 'number', 'Page views', [6, 0, 3, 2]),
        sample('apollo', 'clock', 'Local time', [9, 0, 3, 2]),
        sample('apollo', 'line', 'Visitors', [0, 2, 8, 4]),
        sample('apollo', 'list', 'Latest activity', [8, 2, 4, 4]),
        sample('apollo', 'bar', 'Orders', [0, 6, 7, 4]),
        sample('apollo', 'note', 'Before the launch', [7, 6, 5, 4], 'Ask Dana about the banner.\nTuesday: rehearsal with everybody, 10:00.'),
        sample('gemini', 'bar', 'Test runs', [0, 0, 7, 4]),
        sample('gemini', 'number', 'Pass rate', [7, 0, 5, 2]),
        sample('gemini', 'number', 'Devices', [7, 2, 5, 2]),
        sample('gemini', 'list', 'From the lab', [0, 4, 5, 4]),
        sample('gemini', 'note', 'Findings', [5, 4, 7, 4], 'Prototype B starts faster, A uses less power.'),
        sample('mercury', 'line', 'Start time', [0, 0, 8, 4]),
        sample('mercury', 'number', 'Requests', [8, 0, 4, 2]),
        sample('mercury', 'clock', 'Control room', [8, 2, 4, 2]),
    ],
    activeProject: 'apollo',
    activeTasks: [{ id: 'apollo-2' }],
    filters: { days: 30 },
    ui: { sidebar: matchMedia('(min-width: 1100px)').matches, unsaved: 0 },
});

/**
 * @param {unknown} value
 * @returns {any[]} the elements that have an id
 */
const list = (value) => (Array.isArray(value) ? value.filter((element) => typeof element?.id === 'string') : []);

/**
 * What another program has saved may lack something.
 * @param {any} state
 * @returns {DashboardState}
 */
export function complete(state) {
    const { ui: _, ...rest } = initialState();
    const widget = { kind: 'note', title: '', project: rest.activeProject, x: 0, y: 0, ...KINDS.note.size };
    return {
        ...rest,
        ...state,
        widgets: list(state.widgets).map((found) => ({ ...widget, ...found })),
        activeProject: Object.hasOwn(PROJECTS, state.activeProject) ? state.activeProject : rest.activeProject,
        activeTasks: list(state.activeTasks),
        filters: { ...rest.filters, ...state.filters },
    };
}

/** @returns {string} */
function randomId() {
    // A page that came without TLS from another machine has no randomUUID.
    if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {DashboardState} state */
export const shownWidgets = ({ widgets, activeProject }) => widgets.filter(({ project }) => project === activeProject);

/**
 * @param {DashboardState} state
 * @param {Kind} kind
 * @returns {Widget} a new one for the active project
 */
export function newWidget(state, kind) {
    const { size, title } = KINDS[kind];
    const box = freeBox(shownWidgets(state), size);
    return { id: randomId(), kind, title, project: state.activeProject, ...box, ...(kind === 'note' ? { text: '' } : {}) };
}

/** @param {Widget} widget @returns {Change} */
export const withWidget = (widget) => (state) => ({
    ...state,
    widgets: [...state.widgets.filter(({ id }) => id !== widget.id), widget],
});

/** @param {string} id @returns {Change} */
export const withoutWidget = (id) => (state) => ({ ...state, widgets: state.widgets.filter((widget) => widget.id !== id) });

/**
 * @param {string} id
 * @param {Partial<Widget>} fields
 * @returns {Change}
 */
export const changeWidget = (id, fields) => (state) => ({
    ...state,
    widgets: state.widgets.map((widget) => (widget.id === id ? { ...widget, ...fields } : widget)),
});

/** @param {import('./layout.js').Boxes} boxes where widgets shall be @returns {Change} */
export const withBoxes = (boxes) => (state) => ({
    ...state,
    widgets: state.widgets.map((widget) => {
        const { x, y, w, h } = boxes.get(widget.id) ?? widget;
        return widget.x === x && widget.y === y && widget.w === w && widget.h === h ? widget : { ...widget, x, y, w, h };
    }),
});

/** @param {Project} activeProject @returns {Change} */
export const withProject = (activeProject) => (state) => ({ ...state, activeProject });

/** @param {number} days @returns {Change} */
export const withDays = (days) => (state) => ({ ...state, filters: { ...state.filters, days } });

/**
 * @param {string} id
 * @param {boolean} active
 * @returns {Change}
 */
export const withTask = (id, active) => (state) => {
    const others = state.activeTasks.filter((task) => task.id !== id);
    return { ...state, activeTasks: active ? [...others, { id }] : others };
};

/** @param {Partial<DashboardState['ui']>} fields @returns {Change} */
export const withUi = (fields) => (state) => ({ ...state, ui: { ...state.ui, ...fields } });
