/**
 * What happens to the page that the store lives in.
 *
 * @param {{hidden: () => void, visible: () => void, online: () => void}} on `hidden` may be the last that the page gets
 *   to do
 * @returns {() => void} stops listening
 */
export function watchPage(on: {
    hidden: () => void;
    visible: () => void;
    online: () => void;
}): () => void;
