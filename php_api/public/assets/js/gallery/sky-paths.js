// The lines and areas of the map as paths, computed once and then only moved and magnified.

import { geoPath } from "../../vendor/d3-geo-projection-4.0.0.js";
import { ecliptic, graticule, gridLabels, milkyWay, unitProjection } from "./sky.js";

const BRIGHT_BAND = 10;
const FAINT_BAND = 18;

/** Paths on the unit map. */
export function skyPaths() {
    const projection = unitProjection();
    const path = geoPath(projection).digits?.(6) ?? geoPath(projection);
    const shape = (what) => new Path2D(path(what));
    return {
        sphere: shape({ type: "Sphere" }),
        grid: shape(graticule()),
        bands: [shape(milkyWay(FAINT_BAND)), shape(milkyWay(BRIGHT_BAND))],
        ecliptic: shape(ecliptic()),
        labels: gridLabels().map(([text, ra, dec]) => [text, ...projection([ra, dec])]),
    };
}

/** Draws them on a canvas whose pixels are as view says; see clusters.js. */
export function drawSky(context, paths, view, ratio, colours) {
    const { scale, left, top } = view;
    context.save();
    context.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
    context.fillStyle = colours.sky;
    context.fill(paths.sphere);
    context.fillStyle = colours.text;
    context.globalAlpha = 0.1;
    paths.bands.forEach((band) => context.fill(band));
    context.strokeStyle = colours.text;
    context.lineWidth = 0.8 / scale;
    context.globalAlpha = 0.5;
    context.stroke(paths.bands[1]);
    context.globalAlpha = 0.3;
    context.stroke(paths.grid);
    context.globalAlpha = 0.6;
    context.stroke(paths.sphere);
    context.setLineDash([3 / scale, 5 / scale]);
    context.stroke(paths.ecliptic);
    context.restore();
    drawLabels(context, paths.labels, view, ratio, colours);
}

function drawLabels(context, labels, { scale, left, top }, ratio, colours) {
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = colours.text;
    context.globalAlpha = 0.85;
    context.font = `11px ${colours.font}`;
    context.textAlign = "center";
    labels.forEach(([text, x, y]) => context.fillText(text, left + scale * x, top + scale * y - 4));
    context.restore();
}
