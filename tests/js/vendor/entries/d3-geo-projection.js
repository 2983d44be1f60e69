// What the sky map uses of d3-geo and d3-geo-projection; more is taken in by naming it here and running `./dev vendor`.
export { geoAitoff } from "d3-geo-projection";
export { geoCircle, geoContains, geoDistance, geoGraticule, geoPath, geoRotation } from "d3-geo";
