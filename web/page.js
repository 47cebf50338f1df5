/**
 * What happens to the page that the store lives in.
 *
 * @param {{hidden: () => void, visible: () => void, online: () => void}} on `hidden` may be the last that the page gets
 *   to do
 * @returns {() => void} stops listening
 */
export function watchPage(on) {
    if (typeof document === 'undefined') return () => {};
    const stopping = new AbortController();
    const { signal } = stopping;
    document.addEventListener('visibilitychange', () => (document.hidden ? on.hidden() : on.visible()), { signal });
    addEventListener('pagehide', on.hidden, { signal });
    addEventListener('pageshow', on.visible, { signal });
    addEventListener('focus', on.visible, { signal });
    addEventListener('online', on.online, { signal });
    return () => stopping.abort();
}
