// Pointings on the sky, in degrees, as the site computes them (src/Fits/SkyPosition.php, Equinox.php, Precession.php).

import { upper } from './bytes.js';
import { julianYear } from './observation_time.js';

const HOUR = 15;
const SAME_PLACE_DEG = 1;
const J2000 = 2000;
/** Telescopes whose headers are of date. */
const OF_DATE = /seestar|\bS[35]0/i;

const radians = (degrees) => (degrees / 180) * Math.PI;
const degrees = (angle) => (angle / Math.PI) * 180;

/** The first usable pair of the cards that may have the pointing, as {ra, dec}, or null. */
export function pointing(cards, pairsOfCards) {
    const pairs = pairsOfCards.map(([ra, dec]) => [cards.angle(ra, HOUR), cards.angle(dec, 1)]);
    const known = pairs.map(([ra]) => ra).filter((ra) => ra !== null);
    for (const [ra, dec] of pairs) {
        const isPlace = ra !== null && dec !== null && Math.abs(dec) <= 90 && Math.abs(ra) <= 360 && (ra !== 0 || dec !== 0);
        if (isPlace && !known.some((other) => isInHours(ra, other))) return position(ra, dec);
    }
    return null;
}

/** Whether a right ascension is a fifteenth of another, and not the same. */
function isInHours(ra, other) {
    return apart(ra, other) > SAME_PLACE_DEG && apart(HOUR * ra, other) <= SAME_PLACE_DEG;
}

function apart(one, other) {
    const difference = Math.abs(one - other) % 360;
    return Math.min(difference, 360 - difference);
}

function position(ra, dec) {
    let wrapped = ra % 360;
    if (wrapped < 0) wrapped += 360;
    return { ra: wrapped >= 360 ? 0 : wrapped, dec };
}

/** Unit vector to a position. */
export function vector({ ra, dec }) {
    const [a, d] = [radians(ra), radians(dec)];
    return [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)];
}

/** Degrees between two unit vectors. */
export function distance([x1, y1, z1], [x2, y2, z2]) {
    const cross = Math.sqrt((y1 * z2 - z1 * y2) ** 2 + (z1 * x2 - x1 * z2) ** 2 + (x1 * y2 - y1 * x2) ** 2);
    return degrees(Math.atan2(cross, x1 * x2 + y1 * y2 + z1 * z2));
}

/** The Julian year of the equinox of a header's pointing; 2000 for ICRS. */
export function equinox(cards, begun) {
    if (cards.has('RA-SUB')) return J2000; // a stack of the site
    const system = upper(cards.text('RADESYS') ?? cards.text('RADECSYS') ?? '');
    if (system === 'ICRS') return J2000;
    if (system === 'GAPPT') return julianYear(begun);
    const stated = statedEquinox(cards);
    if (stated === null && system.startsWith('FK')) return system.startsWith('FK4') ? 1950 : J2000;
    if (stated !== null) return stated;
    const isOfDate = OF_DATE.test(`${cards.text('INSTRUME') ?? ''} ${cards.text('TELESCOP') ?? ''}`);
    return isOfDate ? julianYear(begun) : J2000;
}

function statedEquinox(cards) {
    for (const keyword of ['EQUINOX', 'EPOCH']) {
        const match = /^[JB]?(\d{4}(?:\.\d*)?)$/i.exec(cards.text(keyword) ?? '');
        const year = match === null ? cards.number(keyword) : Number(match[1]);
        if (year !== null && year >= 1850 && year <= 2150) return year;
    }
    return null;
}

/** The position at the mean equator and equinox of J2000 (IAU 2006; Capitaine et al. 2003, A&A 412, 567). */
export function toJ2000(place, year) {
    if (year === J2000) return place;
    const t = (year - J2000) / 100;
    const [zeta, z, theta] = [
        2.650545 + t * (2306.083227 + t * (0.2988499 + t * 0.01801828)),
        -2.650545 + t * (2306.077181 + t * (1.0927348 + t * 0.01826837)),
        t * (2004.191903 - t * (0.4294934 + t * 0.04182264)),
    ].map((arcsec) => radians(arcsec / 3600));
    const [ra, dec] = [radians(place.ra) - z, radians(place.dec)];
    const x = Math.cos(theta) * Math.cos(dec) * Math.cos(ra) + Math.sin(theta) * Math.sin(dec);
    const y = Math.cos(dec) * Math.sin(ra);
    const sine = Math.cos(theta) * Math.sin(dec) - Math.sin(theta) * Math.cos(dec) * Math.cos(ra);
    return position(degrees(Math.atan2(y, x) - zeta), degrees(Math.atan2(sine, Math.hypot(x, y))));
}
