/**
 * Moving, resizing, renaming and removing the focused widget with the keyboard.
 *
 * @typedef {import('./state.js').Widget} Widget
 */
import { announce, find } from './dom.js';
import { KINDS, kindOf } from './kinds.js';
import { arrange, boxAt, COLUMNS, onGrid } from './layout.js';
import { putWidget } from './state.js';
import { isNarrow } from './widgets-view.js';

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {object} parts
 * @param {HTMLElement} parts.grid
 * @param {() => Widget[]} parts.widgets those that are shown
 * @param {import('./widgets-view.js').Edit} parts.edit
 * @param {(id: string) => void} parts.remove
 * @param {AbortSignal} parts.signal
 */
export function listenToKeys({ grid, widgets, edit, remove, signal }) {
    /**
     * @param {Widget} widget
     * @param {[number, number]} arrow
     * @param {boolean} resize
     */
    function arrowed(widget, [dx, dy], resize) {
        const boxes = arrange(widgets());
        const box = boxes.get(widget.id);
        if (!box) return;
        const least = KINDS[kindOf(widget.kind)].least;
        const index = [...boxes.keys()].indexOf(widget.id);
        let next = onGrid({ ...box, x: box.x + dx, y: box.y + dy });
        if (resize) next = onGrid({ ...box, w: Math.min(COLUMNS - box.x, box.w + dx), h: box.h + dy }, least);
        else if (isNarrow(grid)) {
            const to = index + dx + dy;
            next = to < 0 || to >= boxes.size ? box : boxAt(widgets(), widget.id, to) ?? box;
        }
        if (next.x === box.x && next.y === box.y && next.w === box.w && next.h === box.h) {
            announce(resize ? 'It cannot be smaller or larger that way.' : 'That is the edge.');
            return;
        }
        edit(`${resize ? 'resize' : 'move'}:${widget.id}`, putWidget(widget.id, next));
        announce(
            resize
                ? `${widget.title}: ${next.w} columns wide, ${next.h} rows high.`
                : `${widget.title}: column ${next.x + 1}, row ${next.y + 1}.`,
        );
        grid.querySelector(':focus')?.scrollIntoView({ block: 'nearest' });
    }

    grid.addEventListener(
        'keydown',
        (event) => {
            const { target, key } = event;
            // Keys in a widget's fields and buttons are theirs.
            if (!(target instanceof HTMLElement) || !target.matches('.widget') || event.ctrlKey || event.metaKey || event.altKey) return;
            const widget = widgets().find(({ id }) => id === target.dataset['id']);
            if (!widget) return;
            const arrow = ARROWS[key];
            if (arrow) arrowed(widget, arrow, event.shiftKey);
            else if (key === 'Delete' || key === 'Backspace') remove(widget.id);
            else if (key === 'Enter' || key === 'F2') find('input', HTMLInputElement, target).select();
            else return;
            event.preventDefault();
        },
        { signal },
    );
}
