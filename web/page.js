/**
 * What happens to the page that the store lives in.
 *
 * @param {{hidden: () => void, visible: () => void, online: () => void}} on `hidden` may be the last that the page gets
 *   to do
 * @returns {() => void} stops listening
 */
export function watchPage(on) {
    const { document: page } = globalThis;
    if (!page) return () => {};
    const stopping = new AbortController();
    const { signal } = stopping;
    page.addEventListener('visibilitychange', () => (page.hidden ? on.hidden() : on.visible()), { signal });
    // A page that was frozen, or kept for the way back, has missed what other tabs said.
    page.addEventListener('resume', on.visible, { signal });
    const listeners = { pagehide: on.hidden, pageshow: on.visible, focus: on.visible, online: on.online };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener, { signal });
    return () => stopping.abort();
}
