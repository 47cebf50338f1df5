/**
 * Charts as SVG, drawn anew for each size, so that strokes and letters keep theirs.
 */
import { svg } from './dom.js';
import { dayName } from './sample-data.js';

const number = new Intl.NumberFormat('en-GB');
const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

/** @typedef {(width: number, height: number) => SVGElement[]} Draw */

/**
 * @param {HTMLElement} host
 * @param {string} label what it shows, for those who cannot see it
 * @returns {{draw: (draw: Draw, label: string) => void, stop: () => void}}
 */
export function createChart(host, label) {
    const canvas = svg('svg', { class: 'chart', role: 'img', 'aria-label': label });
    /** @type {Draw} */
    let current = () => [];
    const show = () => {
        const { clientWidth: width, clientHeight: height } = host;
        if (width === 0 || height === 0) return;
        canvas.setAttribute('viewBox', `0 0 ${width} ${height}`);
        canvas.replaceChildren(...current(width, height));
    };
    const observer = new ResizeObserver(show);
    host.append(canvas);
    observer.observe(host);
    return {
        draw(draw, text) {
            current = draw;
            canvas.setAttribute('aria-label', text);
            show();
        },
        stop: () => observer.disconnect(),
    };
}

/**
 * A round number above all values, and how far lines are apart.
 * @param {number[]} values
 * @param {number} lines
 */
function scale(values, lines) {
    const rough = Math.max(1, ...values) / lines;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
    return { step, top: step * Math.max(1, Math.ceil(Math.max(0, ...values) / step)) };
}

const EDGE = { left: 40, right: 6, top: 8, bottom: 22 };

/**
 * @param {number[]} values
 * @param {number} width
 * @param {number} height
 */
function frame(values, width, height) {
    const { step, top } = scale(values, height > 220 ? 4 : 3);
    const inner = { width: width - EDGE.left - EDGE.right, height: height - EDGE.top - EDGE.bottom };
    /** @param {number} value */
    const y = (value) => EDGE.top + inner.height * (1 - value / top);
    const lines = [];
    for (let value = 0; value <= top; value += step) {
        const at = Math.round(y(value)) + 0.5;
        lines.push(svg('line', { class: value === 0 ? 'axis' : 'rule', x1: EDGE.left, x2: width - EDGE.right, y1: at, y2: at }));
        lines.push(svg('text', { class: 'tick', x: EDGE.left - 8, y: at + 4, 'text-anchor': 'end' }, short.format(value)));
    }
    return { inner, y, lines };
}

/**
 * @param {number} count
 * @param {(index: number) => number} x
 * @param {number} height
 * @param {number} width
 */
function days(count, x, height, width) {
    const shown = Math.max(2, Math.min(count, Math.floor(width / 90)));
    return Array.from({ length: shown }, (_, index) => {
        const day = Math.round((index * (count - 1)) / (shown - 1));
        const anchor = index === 0 ? 'start' : index === shown - 1 ? 'end' : 'middle';
        const at = index === 0 ? EDGE.left : index === shown - 1 ? width - EDGE.right : x(day);
        return svg('text', { class: 'tick', x: at, y: height - 5, 'text-anchor': anchor }, dayName(count - 1 - day));
    });
}

/**
 * @param {[number, number][]} points
 * @returns {string} a smooth path through them
 */
const curve = (points) =>
    points
        .map(([x, y], index) => {
            const before = points[index - 1];
            if (!before) return `M${x} ${y}`;
            const middle = (before[0] + x) / 2;
            return `C${middle} ${before[1]} ${middle} ${y} ${x} ${y}`;
        })
        .join('');

/** @param {number[]} values @returns {Draw} */
export const lineChart = (values) => (width, height) => {
    const { inner, y, lines } = frame(values, width, height);
    /** @param {number} index */
    const x = (index) => EDGE.left + (inner.width * index) / Math.max(1, values.length - 1);
    const points = values.map((value, index) => /** @type {[number, number]} */ ([x(index), y(value)]));
    const path = curve(points);
    const last = points[points.length - 1] ?? [0, 0];
    return [
        ...lines,
        ...days(values.length, x, height, width),
        svg('path', { class: 'area', d: `${path}L${x(values.length - 1)} ${y(0)}L${x(0)} ${y(0)}Z` }),
        svg('path', { class: 'line', d: path }),
        svg('circle', { class: 'dot', cx: last[0], cy: last[1], r: 4 }),
    ];
};

/** @param {number[]} values @returns {Draw} */
export const barChart = (values) => (width, height) => {
    const { inner, y, lines } = frame(values, width, height);
    const slot = inner.width / values.length;
    const thickness = Math.max(1.5, Math.min(40, slot * 0.66));
    /** @param {number} index */
    const x = (index) => EDGE.left + slot * (index + 0.5);
    const bars = values.map((value, index) => {
        const [left, top, foot] = [x(index) - thickness / 2, y(value), y(0)];
        const round = Math.min(4, thickness / 2, foot - top);
        const d = `M${left} ${foot}V${top + round}q0 ${-round} ${round} ${-round}h${thickness - 2 * round}q${round} 0 ${round} ${round}V${foot}Z`;
        const name = `${dayName(values.length - 1 - index)}: ${number.format(value)}`;
        return svg('path', { class: index === values.length - 1 ? 'bar today' : 'bar', d }, svg('title', {}, name));
    });
    return [...lines, ...days(values.length, x, height, width), ...bars];
};

/**
 * @param {number[]} values
 * @param {number} count
 * @returns {number[]} so many at most, each for several values in a row
 */
export function averages(values, count) {
    const size = Math.ceil(values.length / count);
    return Array.from({ length: Math.ceil(values.length / size) }, (_, index) => {
        const part = values.slice(index * size, (index + 1) * size);
        return part.reduce((sum, value) => sum + value, 0) / part.length;
    });
}

/** @param {number[]} values @returns {Draw} a line without anything around it */
export const sparkline = (values) => (width, height) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const points = values.map((value, index) => {
        const x = 2 + ((width - 4) * index) / Math.max(1, values.length - 1);
        return /** @type {[number, number]} */ ([x, 3 + (height - 6) * (1 - (value - least) / Math.max(1, most - least))]);
    });
    const path = curve(points);
    return [
        svg('path', { class: 'area', d: `${path}L${width - 2} ${height}L2 ${height}Z` }),
        svg('path', { class: 'line', d: path }),
    ];
};

/** @param {number[]} values */
export const describe = (values) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return `${values.length} days, from ${number.format(least)} to ${number.format(most)}, today ${number.format(values[values.length - 1] ?? 0)}`;
};

/** @param {number} value */
export const format = (value) => (value < 100_000 ? number : short).format(value);
