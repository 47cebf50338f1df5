/**
 * Moving, resizing, renaming and removing the focused widget with the keyboard.
 *
 * @typedef {import('./state.js').Widget} Widget
 */
import { announce, find } from './dom.js';
import { KINDS, kindOf } from './kinds.js';
import { arrange, COLUMNS, onGrid, place, placeAt } from './layout.js';
import { withBoxes } from './state.js';
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
     * Where everything is after a key.
     * @param {Widget} widget
     * @param {[number, number]} arrow
     * @param {boolean} resize
     * @returns {import('./layout.js').Boxes}
     */
    function after({ id, kind }, [dx, dy], resize) {
        const boxes = arrange(widgets());
        const box = boxes.get(id) ?? { x: 0, y: 0, w: 1, h: 1 };
        if (resize) {
            const w = Math.min(COLUMNS - box.x, box.w + dx);
            return place(widgets(), id, onGrid({ ...box, w, h: box.h + dy }, KINDS[kindOf(kind)].least));
        }
        if (isNarrow(grid)) {
            const index = [...boxes.keys()].indexOf(id) + dx + dy;
            return index < 0 || index >= boxes.size ? boxes : placeAt(widgets(), id, index);
        }
        if (dx !== 0) return place(widgets(), id, onGrid({ ...box, x: box.x + dx }));
        // As far as it takes to get past a neighbour.
        const rows = Math.max(...[...boxes.values()].map(({ y, h }) => y + h));
        for (let y = box.y + dy; y >= 0 && y <= rows; y += dy) {
            const next = place(widgets(), id, { ...box, y });
            if (Math.sign((next.get(id)?.y ?? 0) - box.y) === dy) return next;
        }
        return boxes;
    }

    /**
     * @param {Widget} widget
     * @param {[number, number]} arrow
     * @param {boolean} resize
     */
    function arrowed(widget, arrow, resize) {
        const box = arrange(widgets()).get(widget.id);
        const boxes = after(widget, arrow, resize);
        const next = boxes.get(widget.id);
        if (!box || !next || (next.x === box.x && next.y === box.y && next.w === box.w && next.h === box.h)) {
            announce(resize ? 'It cannot be smaller or larger that way.' : 'That is the edge.');
            return;
        }
        edit(`${resize ? 'resize' : 'move'}:${widget.id}`, withBoxes(boxes));
        announce(
            resize
                ? `${widget.title}: ${next.w} columns wide, ${next.h} rows high.`
                : `${widget.title}: column ${next.x + 1}, row ${next.y + 1}.`,
        );
        const element = grid.querySelector(':focus');
        // Where it glides to counts, not where it comes from.
        const gliding = element?.getAnimations().map(({ finished }) => finished) ?? [];
        Promise.allSettled(gliding).then(() => element?.scrollIntoView({ block: 'nearest' }));
    }

    grid.addEventListener(
        'keydown',
        (event) => {
            const { target, key } = event;
            if (key === 'Escape' && target instanceof HTMLTextAreaElement) target.closest('article')?.focus();
            // Keys in a widget's fields and buttons are theirs.
            if (!(target instanceof HTMLElement) || !target.matches('.widget') || event.ctrlKey || event.metaKey || event.altKey) return;
            const widget = widgets().find(({ id }) => id === target.dataset['id']);
            if (!widget) return;
            const arrow = ARROWS[key];
            if (arrow) arrowed(widget, arrow, event.shiftKey);
            else if (key === 'Delete' || key === 'Backspace') remove(widget.id);
            else if (key === 'Enter' || key === 'F2') {
                const text = key === 'Enter' ? target.querySelector('textarea') : null;
                (text ?? find('input', HTMLInputElement, target)).select();
            }
            else return;
            event.preventDefault();
        },
        { signal },
    );
}
