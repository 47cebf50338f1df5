/**
 * What a document says of those that it came from, in 64 characters: shortened entity tags of its last twelve ancestors, of
 * older ones at growing distances, of the first one, and of the one that was left when the server had last lost others. By it a
 * device tells a successor of what it knows from a document that began elsewhere: after a flush or a restored backup, another
 * device may already have gone on from an older one, and far beyond.
 *
 * @typedef {{version: number, etag?: string, ancestry?: string}} Ancestor
 */

/** One sign for this form, and 21 places of three. */
const FORM = /^2[\w.]{63}$/;
const UNKNOWN = '...';
const RECENT = 12;
/** Ancestors are kept whose version is the last multiple of these, and always the first one. */
const DISTANCES = [16, 32, 64, 128, 256, 512, 1024, Infinity];
/** In the place of a version: the document that was left when a device last found the server to have lost others. */
const LEFT = Infinity;

/**
 * An entity tag in three signs (FNV-1a).
 * @param {string} etag
 */
function shorten(etag) {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(etag.replace(/^W\/|"/g, ''))) hash = Math.imul(hash ^ byte, 0x01000193);
    // The sum has seven signs always.
    return ((hash >>> 0) + 4e9).toString(36).slice(-3);
}

/**
 * The versions that a document tells of.
 * @param {number} last the one before its own
 */
const places = (last) => [
    ...Array.from({ length: RECENT }, (_, index) => last - index),
    // A line that began anew is known by its first document, however long it has become.
    ...DISTANCES.map((distance) => Math.max(1, last - (last % distance))),
    LEFT,
];

/**
 * Shortened entity tags by version: of a document and what it tells of.
 * @param {Ancestor} document
 * @returns {Map<number, string>}
 */
function known({ version, etag, ancestry }) {
    /** @type {Map<number, string>} */
    const tags = new Map();
    if (ancestry && FORM.test(ancestry)) {
        places(version - 1).forEach((place, index) => {
            const tag = ancestry.slice(1 + 3 * index, 4 + 3 * index);
            if (tag !== UNKNOWN) tags.set(place, tag);
        });
    }
    if (etag) tags.set(version, shorten(etag));
    return tags;
}

/**
 * What a save says that is made from a document.
 * @param {Ancestor} base
 * @param {number} version the save's
 * @param {string} [left] instead of what the document says
 */
export function ancestryAfter(base, version, left) {
    const tags = known(base);
    return `2${places(version - 1).map((place) => (place === LEFT && left) || tags.get(place) || UNKNOWN).join('')}`;
}

/**
 * A document of the server's as it is gone on from here. Where the server has lost what came of it, all that comes of it from
 * here on says so: a device that knows what was lost may look again when no ancestor is told of any more that tells them apart.
 * @template {Ancestor} Known
 * @param {Known} document
 * @param {Ancestor} [base] what was known before; nothing where the server has lost all
 * @returns {Known}
 */
export function inherit(document, base = { version: Infinity }) {
    const { version } = document;
    const tags = known(document);
    const left = tags.get(version < base.version ? version : LEFT) || known(base).get(LEFT);
    return { ...document, ancestry: ancestryAfter(document, version, left) };
}

/**
 * How a document stands to one that is known.
 * @param {Ancestor} base
 * @param {Ancestor} document
 * @returns {'successor' | 'ancestor' | 'stranger' | undefined} `ancestor`: the server has gone back to what the known one
 *   came from; nothing where this cannot be told
 */
export function kinship(base, document) {
    const ours = known(base);
    const theirs = known(document);
    const order = document.version - base.version;
    // Who overwrites without a precondition may keep the version, and says nothing of what was there.
    if (!base.etag || (order === 0 && !document.ancestry)) return undefined;
    const earlier = Math.min(document.version, base.version);
    const tag = ours.get(earlier);
    if (tag && [theirs.get(earlier), theirs.get(LEFT)].includes(tag)) return order > 0 ? 'successor' : order < 0 ? 'ancestor' : undefined;
    return [...theirs].some(([version, other]) => (ours.get(version) ?? (version !== LEFT && other)) !== other) ? 'stranger' : undefined;
}
