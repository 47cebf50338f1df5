/**
 * Places on a grid of twelve columns. Two devices may each have moved something to the same place, so a state says only
 * where widgets want to be; where they are follows from all of them, in the same way on every device.
 *
 * @typedef {object} Box
 * @property {number} x columns from the left
 * @property {number} y rows from the top
 * @property {number} w columns
 * @property {number} h rows
 *
 * @typedef {Box & {id: string}} Placed
 * @typedef {Map<string, Box>} Boxes by id
 */

export const COLUMNS = 12;

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
const clamp = (value, least, most) => Math.min(most, Math.max(least, Math.round(value) || 0));

/**
 * @param {Box} box
 * @param {{w: number, h: number}} [least]
 * @returns {Box} the nearest one that is on the grid
 */
export function onGrid({ x, y, w, h }, least = { w: 1, h: 1 }) {
    const width = clamp(w, least.w, COLUMNS);
    return { x: clamp(x, 0, COLUMNS - width), y: clamp(y, 0, 999), w: width, h: clamp(h, least.h, 12) };
}

/**
 * @param {Box} a
 * @param {Box} b
 */
const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/**
 * @param {Placed} a
 * @param {Placed} b
 */
export const readingOrder = (a, b) => a.y - b.y || a.x - b.x || (a.id < b.id ? -1 : 1);

/**
 * @param {readonly Placed[]} widgets
 * @param {string} [first] the one that gets its place; others make way, downwards
 * @returns {Boxes} in reading order
 */
export function arrange(widgets, first) {
    /** @type {Placed[]} */
    const settled = [];
    const waiting = widgets.map((widget) => ({ id: widget.id, ...onGrid(widget) })).sort(readingOrder);
    waiting.sort((a, b) => Number(b.id === first) - Number(a.id === first));
    for (const box of waiting) {
        for (let hit; (hit = settled.find((other) => overlap(other, box))); ) box.y = hit.y + hit.h;
        settled.push(box);
    }
    return new Map(settled.sort(readingOrder).map(({ id, ...box }) => [id, box]));
}

/**
 * @param {readonly Placed[]} widgets
 * @param {string} id
 * @param {Box} box where it goes
 * @returns {Boxes} of all
 */
export function place(widgets, id, box) {
    const boxes = arrange(widgets);
    const moved = widgets.map((widget) => ({ id: widget.id, ...(widget.id === id ? box : boxes.get(widget.id) ?? widget) }));
    return arrange(moved, id);
}

/**
 * Where a widget goes so that it comes before another one, for screens that show one column.
 * @param {readonly Placed[]} widgets
 * @param {string} id
 * @param {number} index among the others in reading order
 * @returns {Box | undefined} nothing where there is no such widget
 */
export function boxAt(widgets, id, index) {
    const boxes = arrange(widgets);
    const box = boxes.get(id);
    boxes.delete(id);
    const others = [...boxes.values()];
    if (!box) return undefined;
    const next = others[Math.max(0, index)];
    if (next) return { ...box, x: Math.min(next.x, COLUMNS - box.w), y: next.y };
    return { ...box, x: 0, y: Math.max(0, ...others.map(({ y, h }) => y + h)) };
}

/**
 * @param {readonly Placed[]} widgets
 * @param {{w: number, h: number}} size
 * @returns {Box} the first free place for a new one
 */
export function freeBox(widgets, { w, h }) {
    const boxes = [...arrange(widgets).values()];
    for (let y = 0; ; y += 1) {
        for (let x = 0; x <= COLUMNS - w; x += 1) {
            const box = { x, y, w, h };
            if (!boxes.some((other) => overlap(other, box))) return box;
        }
    }
}
