/**
 * What is inside of a widget, for each kind.
 *
 * @typedef {import('./state.js').Widget} Widget
 * @typedef {object} Body
 * @property {(widget: Widget, days: number) => void} update
 * @property {() => void} [stop]
 */
import { averages, barChart, createChart, describe, format, lineChart, sparkline } from './charts.js';
import { fill, html, setText } from './dom.js';
import { events, series } from './sample-data.js';

/**
 * @param {HTMLElement} host
 * @param {(values: number[]) => import('./charts.js').Draw} draw
 * @returns {Body}
 */
function chartBody(host, draw) {
    const chart = createChart(host, '');
    return {
        update(widget, days) {
            const values = series(widget.id, days);
            chart.draw(draw(values), `${widget.title}: ${describe(values)}`);
        },
        stop: chart.stop,
    };
}

/** @param {HTMLElement} host @returns {Body} */
function numberBody(host) {
    const value = html('strong', 'number-value');
    const change = html('span', 'number-change');
    const spark = html('div', 'number-spark');
    const chart = createChart(spark, '');
    host.append(html('div', 'number-text', value, change), spark);
    return {
        update(widget, days) {
            const values = series(widget.id, days);
            const [first, last] = [values[0] ?? 0, values[values.length - 1] ?? 0];
            const percent = first > 0 ? Math.round(((last - first) / first) * 100) : 0;
            setText(value, format(last));
            setText(change, `${percent < 0 ? '▼' : '▲'} ${Math.abs(percent)} % in ${days} days`);
            change.dataset['trend'] = percent < 0 ? 'down' : 'up';
            chart.draw(sparkline(averages(values, 12)), `${widget.title}: ${describe(values)}`);
        },
        stop: chart.stop,
    };
}

/** @param {HTMLElement} host @returns {Body} */
function listBody(host) {
    const list = html('ul', 'events');
    host.append(list);
    return {
        update(widget) {
            if (list.childElementCount > 0) return;
            for (const { who, what, when } of events(widget.id)) {
                const face = html('span', 'face', who.slice(0, 1));
                face.setAttribute('aria-hidden', 'true');
                face.dataset['hue'] = String(who.charCodeAt(0) % 4);
                list.append(html('li', '', face, html('div', 'event', html('span', '', html('b', '', who), ` ${what}`), html('small', '', when))));
            }
        },
    };
}

/**
 * @param {HTMLElement} host
 * @param {(text: string) => void} edited
 * @returns {Body}
 */
function noteBody(host, edited) {
    const text = document.createElement('textarea');
    text.className = 'note';
    text.dataset['testid'] = 'note-text';
    text.placeholder = 'Write something …';
    text.spellcheck = false;
    text.maxLength = 5000;
    // Enter leads here from the widget, and Escape back.
    text.tabIndex = -1;
    text.addEventListener('input', () => edited(text.value));
    host.append(text);
    return {
        update(widget) {
            text.setAttribute('aria-label', `Text of ${widget.title}`);
            fill(text, widget.text ?? '');
        },
    };
}

/** @param {HTMLElement} host @returns {Body} */
function clockBody(host) {
    const time = html('time', 'clock-time');
    const date = html('span', 'clock-date');
    const [clock, calendar] = [
        new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
        new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' }),
    ];
    const tick = () => {
        setText(time, clock.format());
        setText(date, calendar.format());
    };
    const timer = setInterval(tick, 1000);
    tick();
    host.append(time, date);
    return { update() {}, stop: () => clearInterval(timer) };
}

/**
 * @param {import('./kinds.js').Kind} kind
 * @param {HTMLElement} host
 * @param {(text: string) => void} edited what the user writes into it
 * @returns {Body}
 */
export function createBody(kind, host, edited) {
    switch (kind) {
        case 'line':
            return chartBody(host, lineChart);
        case 'bar':
            return chartBody(host, barChart);
        case 'number':
            return numberBody(host);
        case 'list':
            return listBody(host);
        case 'clock':
            return clockBody(host);
        case 'note':
            return noteBody(host, edited);
    }
}
