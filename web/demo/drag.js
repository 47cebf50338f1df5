/**
 * Moving and resizing with a mouse, a pen or a finger.
 *
 * @typedef {import('./state.js').Widget} Widget
 *
 * @typedef {{key: string, boxes: () => import('./layout.js').Boxes}} Target where everything would be; the key tells
 *   targets apart
 *
 * @typedef {object} Drag
 * @property {string} id
 * @property {HTMLElement} element
 * @property {'move' | 'resize'} mode
 * @property {number} pointer
 * @property {{x: number, y: number}} grip where in the widget the pointer took hold, or how far from its corner
 * @property {{x: number, y: number}} start
 * @property {boolean} moving whether the pointer has gone far enough to mean it
 * @property {Target} [target]
 */
import { announce, find, html } from './dom.js';
import { KINDS, kindOf } from './kinds.js';
import { arrange, COLUMNS, onGrid, place, placeAt } from './layout.js';
import { withBoxes } from './state.js';
import { isNarrow } from './widgets-view.js';

const FAR_ENOUGH = 5;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.grid
 * @param {ReturnType<typeof import('./widgets-view.js').createWidgetsView>} parts.view
 * @param {() => Widget[]} parts.widgets those that are shown
 * @param {import('./widgets-view.js').Edit} parts.edit
 * @param {AbortSignal} parts.signal
 */
export function listenToPointers({ grid, view, widgets, edit, signal }) {
    const shadow = html('div', 'shadow');
    /** @type {Drag | undefined} */
    let drag;

    /** How far apart columns and rows are. */
    function steps() {
        const style = getComputedStyle(grid);
        const gap = parseFloat(style.columnGap);
        return { x: (grid.clientWidth + gap) / COLUMNS, y: parseFloat(style.getPropertyValue('--row-step')), gap };
    }

    /** @param {PointerEvent} event */
    function down(event) {
        const target = /** @type {Element} */ (event.target);
        const element = target.closest('.widget');
        if (drag || event.button !== 0 || !(element instanceof HTMLElement)) return;
        const mode = target.closest('.resize') ? 'resize' : target.closest('.widget-bar') ? 'move' : undefined;
        if (!mode || target.closest('button, input')) return;
        // A finger scrolls with everything but the handles.
        if (event.pointerType === 'touch' && !target.closest('.grip, .resize')) return;
        const { left, top, right, bottom } = element.getBoundingClientRect();
        const [x, y] = mode === 'move' ? [left, top] : [right, bottom];
        drag = {
            id: element.dataset['id'] ?? '',
            element,
            mode,
            pointer: event.pointerId,
            grip: { x: event.clientX - x, y: event.clientY - y },
            start: { x: event.clientX, y: event.clientY },
            moving: false,
        };
        element.setPointerCapture(event.pointerId);
    }

    /** @param {PointerEvent} event */
    function move(event) {
        if (!drag || event.pointerId !== drag.pointer) return;
        const { start, element } = drag;
        if (!drag.moving) {
            if (Math.hypot(event.clientX - start.x, event.clientY - start.y) < FAR_ENOUGH) return;
            drag.moving = true;
            element.classList.add(drag.mode === 'move' ? 'dragged' : 'resized');
            if (drag.mode === 'move') grid.parentElement?.append(shadow);
        }
        event.preventDefault();
        scrollNearEdge(event.clientY);
        const origin = grid.getBoundingClientRect();
        const at = { x: event.clientX - drag.grip.x - origin.left, y: event.clientY - drag.grip.y - origin.top };
        const target = drag.mode === 'move' ? targetOfMove(drag, at) : targetOfResize(drag, at);
        if (target && target.key !== drag.target?.key) {
            drag.target = target;
            view.preview(target.boxes());
        }
        if (drag.mode === 'resize') return;
        // Where it would land; the widget itself stays in the hand.
        const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = element;
        Object.assign(shadow.style, {
            left: `${offsetLeft}px`,
            top: `${offsetTop}px`,
            width: `${offsetWidth}px`,
            height: `${offsetHeight}px`,
        });
        element.style.transform = `translate(${at.x - offsetLeft + grid.offsetLeft}px, ${at.y - offsetTop + grid.offsetTop}px)`;
    }

    /**
     * @param {string} id
     * @param {import('./layout.js').Box} box
     * @returns {Target}
     */
    const targetAt = (id, box) => ({ key: JSON.stringify(box), boxes: () => place(widgets(), id, box) });

    /**
     * @param {Drag} drag
     * @param {{x: number, y: number}} at its corner on the grid
     * @returns {Target | undefined}
     */
    function targetOfMove({ id, element }, at) {
        const old = arrange(widgets()).get(id);
        if (!old) return undefined;
        if (!isNarrow(grid)) {
            const step = steps();
            return targetAt(id, onGrid({ ...old, x: at.x / step.x, y: at.y / step.y }));
        }
        const middle = at.y + element.offsetHeight / 2;
        const index = view.ids().filter((other) => {
            const neighbour = other === id ? undefined : view.elementOf(other);
            return neighbour && neighbour.offsetTop - grid.offsetTop + neighbour.offsetHeight / 2 < middle;
        }).length;
        return { key: String(index), boxes: () => placeAt(widgets(), id, index) };
    }

    /**
     * @param {Drag} drag
     * @param {{x: number, y: number}} at its far corner on the grid
     * @returns {Target | undefined}
     */
    function targetOfResize({ id, element }, at) {
        const widget = widgets().find((candidate) => candidate.id === id);
        const old = arrange(widgets()).get(id);
        if (!widget || !old) return undefined;
        const step = steps();
        const top = element.offsetTop - grid.offsetTop;
        const w = isNarrow(grid) ? old.w : Math.min(COLUMNS - old.x, (at.x + step.gap) / step.x - old.x);
        return targetAt(id, onGrid({ ...old, w, h: (at.y + step.gap - top) / step.y }, KINDS[kindOf(widget.kind)].least));
    }

    /** @param {boolean} keep */
    function end(keep) {
        if (!drag) return;
        const { id, element, target, mode, moving, pointer } = drag;
        drag = undefined;
        shadow.remove();
        if (element.hasPointerCapture(pointer)) element.releasePointerCapture(pointer);
        element.classList.remove('dragged', 'resized');
        element.style.transform = '';
        if (!moving) return;
        if (keep && target) {
            edit(`${mode}:${id}`, withBoxes(target.boxes()));
            announce(`${mode === 'move' ? 'Moved' : 'Resized'}.`);
        }
        view.preview();
    }

    grid.addEventListener('pointerdown', down, { signal });
    grid.addEventListener('pointermove', move, { signal });
    grid.addEventListener('pointerup', ({ pointerId }) => drag?.pointer === pointerId && end(true), { signal });
    grid.addEventListener('pointercancel', ({ pointerId }) => drag?.pointer === pointerId && end(false), { signal });
    // The widget may be gone: another device has removed it.
    document.addEventListener('lostpointercapture', ({ pointerId }) => drag?.pointer === pointerId && end(false), { signal });
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && end(false), { signal });
    signal.addEventListener('abort', () => end(false));
}

/** @param {number} y of the pointer on the screen */
function scrollNearEdge(y) {
    const [near, top] = [40, find('.top', HTMLElement).offsetHeight];
    const by = y < top + near ? y - top - near : Math.max(0, y - innerHeight + near);
    // One of them scrolls, depending on the width.
    for (const scroller of [find('#main', HTMLElement), find('#app', HTMLElement)]) scroller.scrollBy(0, by);
}
