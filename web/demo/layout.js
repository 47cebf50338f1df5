/**
 * Places on a grid of twelve columns. Two devices may each have moved something to the same place, so a state says only
 * where widgets want to be. Where they are follows from all of them, in the same way on every device: upwards as far as
 * there is room.
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
 * Settles widgets one after the other: each moves down to where it meets none of those before, then up as far as it can.
 * @param {readonly Placed[]} widgets
 * @returns {Boxes} in reading order
 */
function settle(widgets) {
    /** @type {Placed[]} */
    const settled = [];
    for (const { id, ...wish } of widgets) {
        const box = { id, ...onGrid(wish) };
        for (let hit; (hit = settled.find((other) => overlap(other, box))); ) box.y = hit.y + hit.h;
        while (box.y > 0 && !settled.some((other) => overlap(other, { ...box, y: box.y - 1 }))) box.y -= 1;
        settled.push(box);
    }
    return new Map(settled.sort(readingOrder).map(({ id, ...box }) => [id, box]));
}

/** @param {readonly Placed[]} widgets */
export const arrange = (widgets) =>
    settle(widgets.map(({ id, ...wish }) => ({ id, ...onGrid(wish) })).sort(readingOrder));

/**
 * @param {readonly Placed[]} widgets
 * @param {string} id
 * @returns {{old: Box | undefined, others: Placed[]}} in reading order
 */
function without(widgets, id) {
    const boxes = arrange(widgets);
    const old = boxes.get(id);
    boxes.delete(id);
    return { old, others: [...boxes].map(([key, box]) => ({ id: key, ...box })) };
}

/**
 * Puts a widget somewhere. Those that it goes past, with its leading edge past their middle, take the room that it
 * leaves; the others make way.
 * @param {readonly Placed[]} widgets
 * @param {string} id
 * @param {Box} box where it goes
 * @returns {Boxes} of all
 */
export function place(widgets, id, box) {
    const { old, others } = without(widgets, id);
    const edge = old && box.y > old.y ? box.y + box.h : box.y;
    const isPast = (/** @type {Box} */ { y, h }) => y + h / 2 < edge;
    return settle([...others.filter(isPast), { id, ...box }, ...others.filter((other) => !isPast(other))]);
}

/**
 * Puts a widget before another one. Those between its old place and its new one flow like words of a text; the others
 * stay where they can.
 * @param {readonly Placed[]} widgets
 * @param {string} id
 * @param {number} index among the others in reading order
 * @returns {Boxes} of all
 */
function flow(widgets, id, index) {
    const { old, others } = without(widgets, id);
    if (!old) return arrange(widgets);
    const from = indexOf(arrange(widgets), id);
    const order = [...others.slice(0, index), { id, ...old }, ...others.slice(index)];
    const [first, last] = [Math.min(from, index), Math.max(from, index)];
    const placed = order.slice(0, first);
    /** @type {{x: number, y: number} | undefined} */
    let after = placed[first - 1];
    for (const { id: key, w, h } of order.slice(first, last + 1)) {
        const box = freeBox(placed, { w, h }, after);
        placed.push({ id: key, ...box });
        after = box;
    }
    return settle([...placed, ...order.slice(last + 1)]);
}

/**
 * Puts a widget before another one, for screens that show one column. Not every order can be had on the grid, where
 * widgets rise: then it is the nearest one to be had, but the old one.
 * @param {readonly Placed[]} widgets
 * @param {string} id
 * @param {number} index among the others in reading order
 * @returns {Boxes} of all
 */
export function placeAt(widgets, id, index) {
    const { old, others } = without(widgets, id);
    const from = indexOf(arrange(widgets), id);
    if (!old || index === from) return arrange(widgets);
    const below = others.map(({ x, y, h }) => place(widgets, id, onGrid({ ...old, x, y: y + h })));
    const miss = (/** @type {Boxes} */ boxes) => {
        const at = indexOf(boxes, id);
        return Math.abs(at - index) + (Math.sign(at - from) === Math.sign(index - from) ? 0 : 1000);
    };
    return [flow(widgets, id, index), ...below].reduce((best, boxes) => (miss(boxes) < miss(best) ? boxes : best));
}

/**
 * @param {Boxes} boxes
 * @param {string} id
 */
const indexOf = (boxes, id) => [...boxes.keys()].indexOf(id);

/**
 * @param {readonly Placed[]} widgets
 * @param {{w: number, h: number}} size
 * @param {{x: number, y: number}} [after] a place that it comes after
 * @returns {Box} the first free place for a new one
 */
export function freeBox(widgets, { w, h }, after = { x: -1, y: 0 }) {
    const boxes = [...arrange(widgets).values()];
    for (let { y } = after; ; y += 1) {
        for (let x = y === after.y ? after.x + 1 : 0; x <= COLUMNS - w; x += 1) {
            const box = { x, y, w, h };
            if (!boxes.some((other) => overlap(other, box))) return box;
        }
    }
}
