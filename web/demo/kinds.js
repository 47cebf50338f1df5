/**
 * The kinds of widgets.
 *
 * @typedef {'line' | 'bar' | 'number' | 'list' | 'note' | 'clock'} Kind
 * @typedef {{w: number, h: number}} Size
 * @typedef {{name: string, title: string, size: Size, least: Size}} KindInfo
 */

/** @type {Record<Kind, KindInfo>} */
export const KINDS = {
    line: { name: 'Line chart', title: 'Visitors', size: { w: 6, h: 4 }, least: { w: 3, h: 3 } },
    bar: { name: 'Bar chart', title: 'Orders', size: { w: 6, h: 4 }, least: { w: 3, h: 3 } },
    number: { name: 'Number', title: 'Active users', size: { w: 3, h: 2 }, least: { w: 2, h: 2 } },
    list: { name: 'List', title: 'Latest activity', size: { w: 4, h: 4 }, least: { w: 3, h: 2 } },
    note: { name: 'Note', title: 'Note', size: { w: 4, h: 3 }, least: { w: 2, h: 2 } },
    clock: { name: 'Clock', title: 'Local time', size: { w: 3, h: 2 }, least: { w: 2, h: 2 } },
};

/**
 * What a newer version of this page may have stored is shown as a note.
 * @param {string} kind
 */
export const kindOf = (kind) => (Object.hasOwn(KINDS, kind) ? /** @type {Kind} */ (kind) : 'note');
