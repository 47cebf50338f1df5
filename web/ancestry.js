/**
 * What a document says of those that it came from, in 64 characters: shortened entity tags of its last twelve ancestors, of
 * older ones at growing distances, and of the first one. By it a device tells a successor of what it knows from a document
 * that began elsewhere: after a flush or a restored backup, another device may already have gone on from an older one.
 *
 * @typedef {{version: number, etag?: string, ancestry?: string}} Ancestor
 */

/** One sign for this form, and 21 places of three. */
const FORM = /^1([\w-]{3}|\.{3}){21}$/;
const UNKNOWN = '...';
const RECENT = 12;
/** Ancestors are kept whose version is the last multiple of these, and always the first one. */
const DISTANCES = [16, 32, 64, 128, 256, 512, 1024, 2048, Infinity];

/**
 * An entity tag in 18 bits (FNV-1a).
 * @param {string} etag
 */
function shorten(etag) {
    let hash = 0x811c9dc5;
    for (const character of etag.replace(/^W\//, '').replaceAll('"', '')) {
        hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
    // The first three signs of its base64url have the first 18 bits.
    const bytes = [24, 16, 8].map((shift) => (hash >>> shift) & 255);
    return btoa(String.fromCharCode(...bytes)).slice(0, 3).replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * The versions that a document of this version tells of.
 * @param {number} version
 */
const places = (version) => [
    ...Array.from({ length: RECENT }, (_, index) => version - 1 - index),
    // A line that began anew is known by its first document, however long it has become.
    ...DISTANCES.map((distance) => Math.max(1, version - 1 - ((version - 1) % distance))),
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
        places(version).forEach((place, index) => {
            const tag = ancestry.slice(1 + 3 * index, 4 + 3 * index);
            if (tag !== UNKNOWN) tags.set(place, tag);
        });
    }
    if (etag !== undefined) tags.set(version, shorten(etag));
    return tags;
}

/**
 * What a save says that is made from a document.
 * @param {Ancestor} base
 * @param {number} version the save's
 */
export function ancestryAfter(base, version) {
    const tags = known(base);
    return `1${places(version).map((place) => tags.get(place) ?? UNKNOWN).join('')}`;
}

/**
 * How a document stands to one that is known.
 * @param {Ancestor} base
 * @param {Ancestor} document
 * @returns {'successor' | 'ancestor' | 'stranger' | undefined} `ancestor`: the server has gone back to what the known one
 *   came from; nothing where this cannot be told
 */
export function kinship(base, document) {
    const [ours, theirs] = [known(base), known(document)];
    const order = document.version - base.version;
    // Who overwrites without a precondition may keep the version, and says nothing of what was there.
    if (order === 0 && !document.ancestry) return undefined;
    const earlier = Math.min(document.version, base.version);
    const tag = ours.get(earlier);
    if (tag !== undefined && tag === theirs.get(earlier)) return order > 0 ? 'successor' : order < 0 ? 'ancestor' : undefined;
    return [...theirs].some(([version, other]) => (ours.get(version) ?? other) !== other) ? 'stranger' : undefined;
}
