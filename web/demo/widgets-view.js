/**
 * Shows the widgets of the active project on the grid.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 * @typedef {import('./state.js').Widget} Widget
 * @typedef {import('./layout.js').Boxes} Boxes
 * @typedef {(what: string, change: import('./state.js').Change) => void} Edit `what`: edits of one kind in a row count as
 *   one
 * @typedef {{element: HTMLElement, title: HTMLInputElement, body: import('./bodies.js').Body}} Card
 */
import { createBody } from './bodies.js';
import { fill, find, fromTemplate, reducedMotion } from './dom.js';
import { KINDS, kindOf } from './kinds.js';
import { arrange } from './layout.js';
import { changeWidget, shownWidgets } from './state.js';

/**
 * @param {HTMLElement} grid
 * @param {Edit} edit
 * @param {(id: string) => void} remove
 */
export function createWidgetsView(grid, edit, remove) {
    /** @type {Map<string, Card>} */
    const cards = new Map();
    /** @type {Boxes} */
    let boxes = new Map();
    /** @type {DashboardState | undefined} */
    let last;
    /** @type {Set<string>} */
    let marked = new Set();

    /** @param {Widget} widget @returns {Card} */
    function createCard({ id, kind }) {
        const element = fromTemplate('#widget-template');
        element.dataset['id'] = id;
        element.dataset['kind'] = kindOf(kind);
        const title = find('input', HTMLInputElement, element);
        let before = '';
        title.addEventListener('focus', () => (before = title.value));
        title.addEventListener('input', () => edit(`title:${id}`, changeWidget(id, { title: title.value })));
        title.addEventListener('blur', () => {
            if (!title.value.trim()) edit(`title:${id}`, changeWidget(id, { title: before || KINDS[kindOf(kind)].title }));
        });
        title.addEventListener('keydown', (event) => {
            if (event.isComposing) return;
            if (event.key === 'Escape') edit(`title:${id}`, changeWidget(id, { title: before }));
            if (event.key === 'Enter' || event.key === 'Escape') element.focus();
        });
        find('.remove', HTMLButtonElement, element).addEventListener('click', () => remove(id));
        const body = createBody(kindOf(kind), find('.widget-body', HTMLElement, element), (text) =>
            edit(`text:${id}`, changeWidget(id, { text })),
        );
        return { element, title, body };
    }

    /**
     * Puts the elements into the order of `boxes`, so that Tab goes from left to right and down, and never moves the one
     * in use: it would lose the focus.
     */
    function order() {
        const elements = [...boxes.keys()].flatMap((id) => cards.get(id)?.element ?? []);
        const current = [...grid.children];
        if (elements.length === current.length && elements.every((element, index) => element === current[index])) return;
        const fixed = elements.findIndex(
            (element) => element.isConnected && (element.contains(document.activeElement) || element.matches('.dragged')),
        );
        const anchor = elements[fixed];
        elements.forEach((element, index) => {
            if (anchor && index < fixed) anchor.before(element);
            else if (element !== anchor) grid.append(element);
        });
    }

    /** @param {() => void} change lays out anew; what moves by it glides there */
    function glide(change) {
        const before = new Map([...cards.values()].map(({ element }) => [element, element.getBoundingClientRect()]));
        change();
        if (reducedMotion()) return;
        for (const [element, old] of before) {
            if (!element.isConnected || element.matches('.dragged, .resized')) continue;
            const now = element.getBoundingClientRect();
            const [dx, dy] = [old.left - now.left, old.top - now.top];
            if (old.width === 0 || (Math.abs(dx) < 1 && Math.abs(dy) < 1)) continue;
            element.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], {
                duration: 180,
                easing: 'cubic-bezier(.2, .7, .2, 1)',
            });
        }
    }

    /** @param {Boxes} next */
    function layOut(next) {
        boxes = next;
        for (const [id, { x, y, w, h }] of boxes) {
            const style = cards.get(id)?.element.style;
            style?.setProperty('--column', `${x + 1} / span ${w}`);
            style?.setProperty('--row', `${y + 1} / span ${h}`);
            style?.setProperty('--height', String(h));
        }
        order();
    }

    /**
     * @param {Widget} widget
     * @param {Card} card
     */
    function label({ id, kind, title }, { element }) {
        const isMarked = marked.has(id);
        element.classList.toggle('marked', isMarked);
        find('.mark', HTMLElement, element).hidden = !isMarked;
        const more = isMarked ? ', also changed on another device' : '';
        element.setAttribute('aria-label', `${title}, ${KINDS[kindOf(kind)].name}${more}`);
    }

    return {
        /** @param {DashboardState} state */
        render(state) {
            if (last && last.widgets === state.widgets && last.activeProject === state.activeProject && last.filters === state.filters) return;
            const moves = last?.activeProject === state.activeProject;
            last = state;
            const shown = shownWidgets(state);
            for (const [id, { element, body }] of cards) {
                const widget = shown.find((candidate) => candidate.id === id);
                if (widget && kindOf(widget.kind) === element.dataset['kind']) continue;
                body.stop?.();
                element.remove();
                cards.delete(id);
            }
            for (const widget of shown) if (!cards.has(widget.id)) cards.set(widget.id, createCard(widget));
            if (moves) glide(() => layOut(arrange(shown)));
            else layOut(arrange(shown));
            for (const widget of shown) {
                const card = cards.get(widget.id);
                if (!card) continue;
                fill(card.title, widget.title);
                card.title.setAttribute('aria-label', `Title of ${widget.title}`);
                // A copy of the title's text makes the field as wide as it.
                card.title.parentElement?.setAttribute('data-text', widget.title);
                find('.remove', HTMLElement, card.element).setAttribute('aria-label', `Remove ${widget.title}`);
                card.body.update(widget, state.filters.days);
                label(widget, card);
            }
        },

        /**
         * Marks the widgets that another device has changed too.
         * @param {Set<string>} ids
         */
        mark(ids) {
            marked = ids;
            for (const widget of last ? shownWidgets(last) : []) {
                const card = cards.get(widget.id);
                if (card) label(widget, card);
            }
        },

        /**
         * Shows a layout that is not in the state (yet).
         * @param {Boxes} [next] nothing goes back to the state's
         */
        preview(next) {
            glide(() => layOut(next ?? arrange(last ? shownWidgets(last) : [])));
        },

        /** @param {string} id */
        elementOf: (id) => cards.get(id)?.element,

        /** The shown ones' ids in reading order. */
        ids: () => [...boxes.keys()],

        clear() {
            for (const { body } of cards.values()) body.stop?.();
            cards.clear();
            grid.replaceChildren();
            last = undefined;
        },
    };
}

/**
 * Whether the grid has one column only.
 * @param {HTMLElement} grid
 */
export const isNarrow = (grid) => getComputedStyle(grid).gridTemplateColumns.split(' ').length < 2;
