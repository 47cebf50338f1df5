/**
 * Which device this tab plays. Devices share nothing but the server: each has a namespace of its own in the browser's
 * storage.
 */

export const device = Math.max(1, Math.trunc(Number(new URLSearchParams(location.search).get('device'))) || 1);

export const namespace = device === 1 ? 'dashboard-state' : `dashboard-state-device-${device}`;

/** The address that opens the other device. */
export const otherDevice = device === 1 ? { number: 2, href: './?device=2' } : { number: 1, href: './' };
