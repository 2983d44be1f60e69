// What a map of the sky shows besides stacks, in right ascension and declination (degrees, ICRS), and the projection.

import { geoAitoff, geoCircle, geoGraticule } from "../../vendor/d3-geo-projection-4.0.0.js";

/** North pole of the Galaxy (Hipparcos catalogue, vol. 1, section 1.5.3). */
const GALACTIC_POLE = [192.85948, 27.12825];
/** Pole of the ecliptic of J2000.0. */
const ECLIPTIC_POLE = [270, 66.5607];
/** Right ascension in the middle of the map. */
const MIDDLE = 180;
const STEP = 2;

/** The map at scale 1: east is left, and the oval reaches from -pi to pi and from -pi/2 to pi/2. */
export function unitProjection() {
    return geoAitoff().reflectX(true).rotate([-MIDDLE, 0]).translate([0, 0]).scale(1).precision(0.0005);
}

/** Whether a place of the unit map is on the sky: the inverse projection answers outside of the oval too. */
export function isOnSky(x, y) {
    return (x / Math.PI) ** 2 + (y / (Math.PI / 2)) ** 2 <= 1;
}

/** Right ascension and declination of a place of the unit map; null outside of the sky. */
export function placeOf(projection, x, y) {
    const place = isOnSky(x, y) ? projection.invert([x, y]) : null;
    if (place === null || place === undefined) {
        return null;
    }
    const [ra, dec] = place;
    // Its iteration can end beyond a pole: the same place, counted on.
    return [(ra + 360) % 360, Math.abs(dec) > 90 ? Math.sign(dec) * 180 - dec : dec];
}

export function graticule() {
    return geoGraticule().step([30, 30])();
}

/** The part of the sky within an angle of the plane of the Milky Way: all up to it from the north, without the north. */
export function milkyWay(latitude) {
    const ring = (radius) => geoCircle().center(GALACTIC_POLE).radius(radius).precision(STEP)().coordinates[0];
    return { type: "Polygon", coordinates: [ring(90 + latitude), ring(90 - latitude).reverse()] };
}

export function ecliptic() {
    const ring = geoCircle().center(ECLIPTIC_POLE).radius(90).precision(STEP)();
    return { type: "LineString", coordinates: ring.coordinates[0] };
}

/** Labels of the grid: hours along the equator, degrees along the meridian in the middle. */
export function gridLabels() {
    const hours = [2, 4, 6, 8, 10, 14, 16, 18, 20, 22].map((hour) => [`${hour}h`, 15 * hour, 0]);
    const degrees = [-60, -30, 30, 60].map((dec) => [`${dec > 0 ? "+" : "−"}${Math.abs(dec)}°`, MIDDLE, dec]);
    return [...hours, ...degrees];
}

/** A place as the reader's language writes it, such as `05h 34m, +22.0°`. */
export function placeText([ra, dec], texts) {
    const minutes = Math.round(ra * 4) % 1440;
    const two = (number) => String(number).padStart(2, "0");
    return `${two(Math.floor(minutes / 60))}h ${two(minutes % 60)}m, ${dec < 0 ? "−" : "+"}${texts.number(Math.abs(dec), 1)}°`;
}
