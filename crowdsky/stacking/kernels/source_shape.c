/* Measures place, light and shape of a source; see sources.h. */
#include "crowdsky/stacking/kernels/sources.h"

/* Variance of a pixel, px^2, that is added to sources as narrow as one. */
#define PIXEL_VARIANCE (1.0 / 12.0)
#define TOO_NARROW 0.00694

/* The level that ``least_area`` pixels of an owner reach, as SExtractor takes it: of just so many
 * pixels that of the first, of more without the one behind the first ``least_area``. */
static double area_level(const Pixel *pixels, int64_t count, int32_t owner, int64_t area,
                         int64_t least_area)
{
    double level = INFINITY;
    for (int64_t found = 0; found < least_area;) {
        double next = -INFINITY;
        int64_t equal = 0, place = 0;
        for (int64_t k = 0; k < count; k++) {
            if (pixels[k].owner != owner)
                continue;
            if (area <= least_area)
                return pixels[k].smooth;
            if (place++ == least_area || pixels[k].smooth >= level)
                continue;
            equal = pixels[k].smooth > next ? 1 : equal + (pixels[k].smooth == next);
            next = pixels[k].smooth > next ? pixels[k].smooth : next;
        }
        if (equal == 0)
            break;
        level = next;
        found += equal;
    }
    return level;
}

/* Turn sums over pixels into an ellipse. */
static void set_ellipse(Source *source)
{
    double det = source->xx * source->yy - source->xy * source->xy;
    if (det < TOO_NARROW) {
        source->xx += PIXEL_VARIANCE;
        source->yy += PIXEL_VARIANCE;
        det = source->xx * source->yy - source->xy * source->xy;
    }
    double half = 0.5 * (source->xx - source->yy), mean = 0.5 * (source->xx + source->yy);
    double spread = sqrt(half * half + source->xy * source->xy);
    source->a = sqrt(mean + spread);
    source->b = sqrt(mean > spread ? mean - spread : 0.0);
    source->cxx = source->yy / det;
    source->cyy = source->xx / det;
    source->cxy = -2.0 * source->xy / det;
}

Source crowdsky_measure_source(const Pixel *pixels, int64_t count, int32_t owner, double threshold,
                               int64_t least_area)
{
    Source source;
    memset(&source, 0, sizeof source);
    int32_t x0 = pixels[0].x, y0 = pixels[0].y;
    for (int64_t k = 0; k < count; k++) {
        if (pixels[k].owner != owner)
            continue;
        double value = pixels[k].smooth, x = pixels[k].x - x0, y = pixels[k].y - y0;
        source.area++;
        source.flux += pixels[k].value;
        source.light += value;
        source.peak = value > source.peak ? value : source.peak;
        source.x += value * x;
        source.y += value * y;
        source.xx += value * x * x;
        source.yy += value * y * y;
        source.xy += value * x * y;
    }
    source.x /= source.light;
    source.y /= source.light;
    source.xx = source.xx / source.light - source.x * source.x;
    source.yy = source.yy / source.light - source.y * source.y;
    source.xy = source.xy / source.light - source.x * source.y;
    source.x += x0;
    source.y += y0;
    set_ellipse(&source);
    double half = 0.5 * (threshold + source.peak);
    int64_t above = 0;
    for (int64_t k = 0; k < count; k++)
        above += pixels[k].owner == owner && pixels[k].smooth > half;
    double ring = above < source.area ? (double)(above - source.area) : -1.0;
    source.correction = ring / (2.0 * PI * log(threshold / half) * source.a * source.b);
    if (!(source.correction <= 1.0))
        source.correction = 1.0;
    source.margin = area_level(pixels, count, owner, source.area, least_area) - threshold;
    return source;
}
