/**
 * Projects, the period, the palette of widgets, and the tasks.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 * @typedef {import('./state.js').Project} Project
 */
import { find, html, icon } from './dom.js';
import { KINDS } from './kinds.js';
import { PROJECTS, TASKS, withDays, withProject, withTask, withUi } from './state.js';

/**
 * @param {object} parts
 * @param {import('../store.js').DashboardStore<DashboardState>} parts.store
 * @param {import('./widgets-view.js').Edit} parts.edit
 * @param {(kind: import('./state.js').Kind) => void} parts.add
 * @param {AbortSignal} parts.signal
 */
export function createSidebarView({ store, edit, add, signal }) {
    const projects = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[name=project]')]);
    const days = find('#days', HTMLSelectElement);
    const toggle = find('#sidebar-toggle', HTMLButtonElement);
    const tasks = find('#tasks', HTMLElement);
    /** @type {DashboardState | undefined} */
    let last;

    for (const input of projects) {
        const choose = () => edit('project', withProject(/** @type {Project} */ (input.value)));
        input.addEventListener('change', choose, { signal });
    }
    days.addEventListener('change', () => edit('days', withDays(Number(days.value))), { signal });
    // What concerns this device only is no edit that counts.
    toggle.addEventListener('click', () => store.setState((state) => withUi({ sidebar: !state.ui.sidebar })(state)), { signal });

    const palette = Object.entries(KINDS).map(([kind, { name }]) => {
        const button = html('button', 'palette-button', icon(kind), html('span', '', name));
        button.dataset['testid'] = `add-${kind}`;
        button.setAttribute('aria-label', `Add a widget: ${name}`);
        button.addEventListener('click', () => add(/** @type {import('./state.js').Kind} */ (kind)));
        return button;
    });
    find('#palette', HTMLElement).replaceChildren(...palette);

    /** @param {typeof TASKS[number]} task */
    function taskItem({ id, name }) {
        const box = document.createElement('input');
        box.type = 'checkbox';
        box.dataset['testid'] = 'task';
        box.dataset['id'] = id;
        box.addEventListener('change', () => edit(`task:${id}`, withTask(id, box.checked)));
        return html('li', '', html('label', 'task', box, html('span', '', name)));
    }

    return {
        /** @param {DashboardState} state */
        render(state) {
            const { activeProject, activeTasks, filters, ui } = state;
            if (last?.activeProject !== activeProject) {
                document.documentElement.dataset['project'] = activeProject;
                find('#grid-heading', HTMLElement).textContent = PROJECTS[activeProject] ?? activeProject;
                tasks.replaceChildren(...TASKS.filter(({ project }) => project === activeProject).map(taskItem));
            }
            for (const input of projects) input.checked = input.value === activeProject;
            for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (tasks.querySelectorAll('input'))) {
                box.checked = activeTasks.some(({ id }) => id === box.dataset['id']);
            }
            days.value = String(filters.days);
            toggle.setAttribute('aria-expanded', String(ui.sidebar));
            find('#app', HTMLElement).dataset['sidebar'] = ui.sidebar ? 'open' : 'closed';
            last = state;
        },
    };
}
