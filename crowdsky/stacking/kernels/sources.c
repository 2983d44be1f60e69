/* Finds sources in a picture without sky; see sources.py.
 *
 * The method is that of SExtractor (Bertin & Arnouts 1996): smooth, cut at a threshold, split what
 * has several peaks by further thresholds, and drop what is only the wing of a brighter source. */
#include <stdlib.h>
#include <string.h>

#include "crowdsky/base/compiled.h"

#define PI 3.14159265358979323846
/* Number of thresholds between that of the detection and the peak at which a source may split. */
#define STEPS 16
/* Share of the light of the whole that a part needs to be a source of its own. */
#define CONTRAST 0.005
/* Distance in units of the sizes of two sources up to which one may be the wing of the other. */
#define CLEAN_ZONE 10.0
/* Variance of a pixel, px^2, that is added to sources as narrow as one. */
#define PIXEL_VARIANCE (1.0 / 12.0)
#define TOO_NARROW 0.00694
/* Number of parts up to which a source is split; bright structure has more. */
#define MOST_PARTS 1024
#define NO_ROOM (-1)
#define NO_MEMORY (-2)

typedef struct {
    int32_t y, start, stop; /* the columns [start, stop) */
    int32_t parent;         /* a run of the same source; itself for the first of a source */
    int32_t next;           /* the next run of the source, -1 after the last */
    int32_t last;           /* the last run of the source, for its first one */
} Run;

typedef struct {
    int32_t x, y;
    int32_t owner; /* the part that it belongs to, -1 while it is free */
    float value, smooth;
} Pixel;

typedef struct {
    double x, y, xx, yy, xy;      /* centroid and second moments, px and px^2 */
    double flux, light, peak;     /* of the picture; of the smoothed one */
    double a, b, cxx, cyy, cxy;   /* half axes, px, and the coefficients of the ellipse */
    double correction;            /* of the axes, for the light below the threshold */
    double margin;                /* by how much its least area exceeds the threshold */
    int64_t area;
} Source;

/* ------------------------------------------------------------------------------- smooth and cut */

/* Smooth a row with the weights 1 2 1 in both directions; ``above`` or ``below`` may be NULL.
 * ``sums`` is scratch, two longer than the row. Returns whether a pixel exceeds ``threshold``. */
static int smooth_row(const float *above, const float *row, const float *below, ptrdiff_t width,
                      float threshold, float *restrict sums, float *restrict out)
{
    float *restrict down = sums + 1;
    int32_t any = 0;
    sums[0] = sums[width + 1] = 0.0f;
    if (above == NULL || below == NULL) {
        const float *beside = above == NULL ? below : above;
        for (ptrdiff_t x = 0; x < width; x++)
            down[x] = 2.0f * row[x] + (beside == NULL ? 0.0f : beside[x]);
    } else {
        for (ptrdiff_t x = 0; x < width; x++)
            down[x] = above[x] + 2.0f * row[x] + below[x];
    }
    for (ptrdiff_t x = 0; x < width; x++) {
        out[x] = 0.0625f * (sums[x] + 2.0f * sums[x + 1] + sums[x + 2]);
        any |= out[x] > threshold;
    }
    return any;
}

static int32_t first_run(Run *runs, int32_t run)
{
    while (runs[run].parent != run) {
        runs[run].parent = runs[runs[run].parent].parent;
        run = runs[run].parent;
    }
    return run;
}

/* Make two runs parts of one source, whose first run is the earlier one. */
static void join(Run *runs, int32_t one, int32_t other)
{
    one = first_run(runs, one);
    other = first_run(runs, other);
    if (one == other)
        return;
    if (other < one) {
        int32_t swap = one;
        one = other;
        other = swap;
    }
    runs[other].parent = one;
    runs[runs[one].last].next = other;
    runs[one].last = runs[other].last;
}

/* List the runs of a row above the threshold from ``count`` on, and join them to those of the row
 * before, [before, count), that touch them, also at a corner. Returns the new count, or NO_ROOM. */
static int64_t add_runs(Run *runs, int64_t room, int64_t before, int64_t count, int32_t y,
                        const float *smooth, ptrdiff_t width, float threshold)
{
    int64_t first = count, beside = before;
    for (ptrdiff_t x = 0; x < width; x++) {
        if (!(smooth[x] > threshold))
            continue;
        if (count == room)
            return NO_ROOM;
        ptrdiff_t start = x;
        while (x < width && smooth[x] > threshold)
            x++;
        int32_t self = (int32_t)count++;
        runs[self] = (Run){y, (int32_t)start, (int32_t)x, self, -1, self};
        while (beside < first && runs[beside].stop < start)
            beside++;
        for (int64_t run = beside; run < first && runs[run].start <= x; run++)
            join(runs, (int32_t)run, self);
    }
    return count;
}

/* Smooth the picture and list all runs; returns their number, or NO_ROOM. */
static int64_t find_runs(const float *picture, ptrdiff_t height, ptrdiff_t width, float threshold,
                         float *sums, float *smooth, Run *runs, int64_t room)
{
    int64_t count = 0, before = 0;
    for (ptrdiff_t y = 0; y < height; y++) {
        const float *row = picture + y * width;
        float *out = smooth + y * width;
        int any = smooth_row(y > 0 ? row - width : NULL, row, y + 1 < height ? row + width : NULL,
                             width, threshold, sums, out);
        int64_t first = count;
        if (any)
            count = add_runs(runs, room, before, count, (int32_t)y, out, width, threshold);
        if (count < 0)
            return NO_ROOM;
        before = first;
    }
    return count;
}

/* ------------------------------------------------------------------------------- measure a source */

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

/* Measure the pixels of one owner; ``threshold`` is the level above which they are. */
static Source measure(const Pixel *pixels, int64_t count, int32_t owner, double threshold,
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
    source.margin = 
        area_level(pixels, count, owner, source.area, least_area) - threshold;
    return source;
}

/* ------------------------------------------------------------------------------- split a source */

/* A connected part of a source above one of the thresholds. */
typedef struct {
    int32_t step, parent;
    int64_t area;
    double light;
    int32_t branches; /* number of parts that it splits into */
    int counts;       /* whether it has enough light to be one of these */
    int chosen;       /* whether it is a source of its own */
} Part;

/* The box around a source, with a border of one pixel; cells hold the index of a pixel or -1. */
typedef struct {
    int64_t width, size;
    int32_t left, top;
    int32_t *pixel;
    int32_t *label; /* the part at the threshold in work, by pixel */
    int32_t *stack;
} Box;

static inline int64_t cell_of(const Box *box, const Pixel *pixel)
{
    return (int64_t)(pixel->y - box->top) * box->width + (pixel->x - box->left);
}

/* Label the part around a pixel with ``number``: all connected ones above ``level`` that have the
 * label ``from``. */
static Part grow(const Box *box, const Pixel *pixels, int32_t seed, double level, int32_t from,
                 int32_t number)
{
    Part part = {.parent = from};
    int64_t waiting = 0;
    box->stack[waiting++] = seed;
    box->label[seed] = number;
    while (waiting > 0) {
        const Pixel *pixel = pixels + box->stack[--waiting];
        part.area++;
        part.light += pixel->smooth;
        int64_t centre = cell_of(box, pixel);
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int32_t other = box->pixel[centre + dy * box->width + dx];
                if (other >= 0 && box->label[other] == from && pixels[other].smooth > level) {
                    box->label[other] = number;
                    box->stack[waiting++] = other;
                }
            }
    }
    return part;
}

/* Whether the smoothed picture has more than one peak among the pixels. */
static int has_peaks(const Box *box, const Pixel *pixels, int64_t count)
{
    int64_t peaks = 0;
    for (int32_t k = 0; k < count && peaks < 2; k++) {
        int64_t centre = cell_of(box, pixels + k);
        int highest = 1;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int32_t other = box->pixel[centre + dy * box->width + dx];
                if (other < 0 || other == k)
                    continue;
                /* Of equal neighbours the last is the peak. */
                highest &= pixels[other].smooth < pixels[k].smooth ||
                           (pixels[other].smooth == pixels[k].smooth && other < k);
            }
        peaks += highest;
    }
    return peaks > 1;
}

static double step_level(double threshold, double peak, int step)
{
    return threshold * pow(peak / threshold, (double)step / STEPS);
}

/* Choose which parts are sources, from the highest threshold down: those with enough light where a
 * part has two or more. Returns their number; 0 if the source is one. */
static int64_t choose_parts(Part *parts, int64_t n_parts, double threshold, double peak)
{
    double least = CONTRAST * parts[0].light;
    int64_t chosen = 0;
    /* Children come behind their parent. What has been split does not count as a part. */
    for (int64_t k = n_parts - 1; k > 0; k--) {
        double level = step_level(threshold, peak, parts[k].step);
        parts[k].counts = parts[k].branches < 2 &&
                          parts[k].light - level * (double)parts[k].area > least;
        parts[parts[k].parent].branches += parts[k].counts;
    }
    for (int64_t k = 1; k < n_parts; k++) {
        parts[k].chosen = parts[k].counts && parts[parts[k].parent].branches > 1;
        chosen += parts[k].chosen;
    }
    return chosen;
}

/* List the parts above each threshold, parents before children; ``owner`` of the pixels becomes the
 * highest part that they are in. Returns the number of parts. */
static int64_t list_parts(Box *box, Pixel *pixels, int64_t count, double threshold, double peak,
                          int64_t least_area, Part *parts, int64_t room)
{
    int64_t n_parts = 1;
    parts[0] = (Part){.parent = -1, .area = count};
    for (int64_t k = 0; k < count; k++) {
        parts[0].light += pixels[k].smooth;
        box->label[k] = pixels[k].owner = 0;
    }
    for (int step = 1; step < STEPS; step++) {
        double level = step_level(threshold, peak, step);
        int64_t known = n_parts;
        for (int32_t k = 0; k < count && n_parts < room; k++) {
            int32_t from = box->label[k];
            if (from < 0 || from >= known || !(pixels[k].smooth > level))
                continue;
            parts[n_parts] = grow(box, pixels, k, level, from, (int32_t)n_parts);
            if (parts[n_parts].area < least_area) {
                grow(box, pixels, k, level, (int32_t)n_parts, -1);
                continue;
            }
            parts[n_parts].step = step;
            n_parts++;
        }
        for (int64_t k = 0; k < count; k++) {
            /* Pixels that are in no part of this threshold are in none of the next ones. */
            if (box->label[k] < known)
                box->label[k] = -1;
            else
                pixels[k].owner = box->label[k];
        }
    }
    return n_parts;
}

/* Give each pixel to the chosen part that it is in, by its number among ``sources``, or leave it
 * free. */
static void give_to_parts(Pixel *pixels, int64_t count, const Part *parts, int64_t n_parts,
                          int32_t *number)
{
    int32_t chosen = 0;
    for (int64_t part = 0; part < n_parts; part++) {
        int32_t parent = parts[part].parent;
        number[part] = parts[part].chosen ? chosen++ : parent < 0 ? -1 : number[parent];
    }
    for (int64_t k = 0; k < count; k++)
        pixels[k].owner = number[pixels[k].owner];
}

/* Give the free pixels to the source that shines most there, if all are Gaussians. */
static void give_rest(Pixel *pixels, int64_t count, const Source *sources, int64_t n_sources)
{
    double heights[MOST_PARTS];
    for (int64_t source = 0; source < n_sources; source++) {
        const Source *own = sources + source;
        double height = own->light / (2.0 * PI * own->correction * own->a * own->b);
        heights[source] = log(height < 4.0 * own->peak ? height : 4.0 * own->peak);
    }
    for (int64_t k = 0; k < count; k++) {
        if (pixels[k].owner >= 0)
            continue;
        double best = -INFINITY;
        for (int64_t source = 0; source < n_sources; source++) {
            const Source *own = sources + source;
            double dx = pixels[k].x - own->x, dy = pixels[k].y - own->y;
            double far = own->cxx * dx * dx + own->cyy * dy * dy + own->cxy * dx * dy;
            double shine = heights[source] - 0.5 * far / (own->correction * own->correction);
            if (shine > best) {
                best = shine;
                pixels[k].owner = (int32_t)source;
            }
        }
    }
}

/* ------------------------------------------------------------------------------- a whole source */

typedef struct {
    Pixel *pixels;
    Box box;
    Part *parts;
    int32_t *number;
    int64_t most_parts;
} Scratch;

static void set_box(Box *box, const Pixel *pixels, int64_t count)
{
    int32_t left = pixels[0].x, right = left, top = pixels[0].y, bottom = top;
    for (int64_t k = 0; k < count; k++) {
        left = pixels[k].x < left ? pixels[k].x : left;
        right = pixels[k].x > right ? pixels[k].x : right;
        top = pixels[k].y < top ? pixels[k].y : top;
        bottom = pixels[k].y > bottom ? pixels[k].y : bottom;
    }
    box->left = left - 1;
    box->top = top - 1;
    box->width = right - left + 3;
    box->size = box->width * (bottom - top + 3);
    for (int64_t cell = 0; cell < box->size; cell++)
        box->pixel[cell] = -1;
    for (int32_t k = 0; k < count; k++)
        box->pixel[cell_of(box, pixels + k)] = k;
}

/* Measure a source or the sources that it splits into; returns their number, or NO_ROOM. */
static int64_t split(Scratch *scratch, int64_t count, double threshold, int64_t least_area,
                     Source *sources, int64_t room)
{
    Pixel *pixels = scratch->pixels;
    double peak = 0.0;
    int64_t chosen = 0, n_parts = 0;
    for (int64_t k = 0; k < count; k++)
        peak = pixels[k].smooth > peak ? pixels[k].smooth : peak;
    set_box(&scratch->box, pixels, count);
    if (has_peaks(&scratch->box, pixels, count)) {
        n_parts = list_parts(&scratch->box, pixels, count, threshold, peak, least_area,
                             scratch->parts, scratch->most_parts);
        chosen = choose_parts(scratch->parts, n_parts, threshold, peak);
    }
    if (chosen > room || chosen > MOST_PARTS || room < 1)
        return NO_ROOM;
    if (chosen < 2) {
        for (int64_t k = 0; k < count; k++)
            pixels[k].owner = 0;
        sources[0] = measure(pixels, count, 0, threshold, least_area);
        return 1;
    }
    give_to_parts(pixels, count, scratch->parts, n_parts, scratch->number);
    for (int64_t part = 0, own = 0; part < n_parts; part++)
        if (scratch->parts[part].chosen) {
            double level = step_level(threshold, peak, scratch->parts[part].step);
            sources[own] = measure(pixels, count, (int32_t)own, level, least_area);
            own++;
        }
    give_rest(pixels, count, sources, chosen);
    for (int64_t own = 0; own < chosen; own++)
        sources[own] = measure(pixels, count, (int32_t)own, threshold, least_area);
    return chosen;
}

/* ------------------------------------------------------------------------------- drop wings */

/* The light of the wing of a source at a place (dx, dy) from it, for a Moffat profile of beta 1. */
static double wing(const Source *source, double dx, double dy, double threshold)
{
    double area = PI * source->a * source->b;
    double height = source->light / (2.0 * area * source->correction);
    double slope = (height / threshold - 1.0) * area / (double)source->area;
    double far = source->cxx * dx * dx + source->cyy * dy * dy + source->cxy * dx * dy;
    double level = 1.0 + slope * far;
    return level > 1.0 ? height / level : height;
}

/* Mark sources that a brighter one's wing could be, by an area of 0. */
static void drop_wings(Source *sources, int64_t count, double threshold)
{
    for (int64_t one = 0; one < count; one++)
        for (int64_t two = one + 1; two < count && sources[one].area > 0; two++) {
            if (sources[two].area == 0)
                continue;
            double dx = sources[one].x - sources[two].x, dy = sources[one].y - sources[two].y;
            double zone = CLEAN_ZONE * (sources[one].a + sources[two].a);
            if (dx * dx + dy * dy > zone * zone)
                continue;
            Source *bright = sources + one, *faint = sources + two;
            if (bright->light < faint->light) {
                bright = sources + two;
                faint = sources + one;
            }
            if (wing(bright, dx, dy, threshold) > faint->margin)
                faint->area = 0;
        }
}

/* ------------------------------------------------------------------------------- all sources */

/* The number of pixels of the source that begins with a run. */
static int64_t area_of(const Run *runs, int32_t first)
{
    int64_t area = 0;
    for (int32_t run = first; run >= 0; run = runs[run].next)
        area += runs[run].stop - runs[run].start;
    return area;
}

/* Copy the pixels of the source that begins with a run. */
static void copy_pixels(const Run *runs, int32_t first, const float *picture, const float *smooth,
                        ptrdiff_t width, Pixel *pixels)
{
    int64_t count = 0;
    for (int32_t run = first; run >= 0; run = runs[run].next)
        for (int32_t x = runs[run].start; x < runs[run].stop; x++) {
            ptrdiff_t at = runs[run].y * width + x;
            pixels[count++] = (Pixel){x, runs[run].y, 0, picture[at], smooth[at]};
        }
}

static void free_scratch(Scratch *scratch)
{
    free(scratch->pixels);
    free(scratch->box.pixel);
    free(scratch->box.label);
    free(scratch->box.stack);
    free(scratch->parts);
    free(scratch->number);
}

/* Get memory for sources of up to ``count`` pixels in a picture of ``cells``; 0 if there is none.
 * The system gives it page by page, so that what small sources leave unused costs nothing. */
static int get_scratch(Scratch *scratch, int64_t count, int64_t cells, int64_t least_area)
{
    size_t n = (size_t)count;
    memset(scratch, 0, sizeof *scratch);
    scratch->most_parts = STEPS * (count / least_area + 1);
    scratch->pixels = malloc(n * sizeof(Pixel));
    scratch->box.pixel = malloc((size_t)cells * sizeof(int32_t));
    scratch->box.label = malloc(n * sizeof(int32_t));
    scratch->box.stack = malloc(n * sizeof(int32_t));
    scratch->parts = malloc((size_t)scratch->most_parts * sizeof(Part));
    scratch->number = malloc((size_t)scratch->most_parts * sizeof(int32_t));
    return scratch->pixels && scratch->box.pixel && scratch->box.label && scratch->box.stack &&
           scratch->parts && scratch->number;
}

/* Measure all sources that the runs form; returns their number, or NO_ROOM. */
static int64_t measure_runs(const Run *runs, int64_t n_runs, const float *picture,
                            const float *smooth, ptrdiff_t width, double threshold,
                            int64_t least_area, Scratch *scratch, Source *sources, int64_t room)
{
    int64_t found = 0;
    for (int32_t run = 0; run < n_runs; run++) {
        if (runs[run].parent != run)
            continue;
        int64_t area = area_of(runs, run);
        if (area < least_area)
            continue;
        copy_pixels(runs, run, picture, smooth, width, scratch->pixels);
        int64_t parts =
            split(scratch, area, threshold, least_area, sources + found, room - found);
        if (parts < 0)
            return parts;
        found += parts;
    }
    return found;
}

/* Find sources of at least ``least_area`` pixels above ``threshold`` in the smoothed picture.
 *
 * sums: scratch of width + 2 elements; smooth: scratch like the picture.
 * most_pixels: number of pixels of all sources from which the picture is no field of stars.
 * out: (room, SOURCE_COLUMNS) x, y, flux, xx, yy.
 * Returns the number of sources, NO_ROOM for pictures with too many, or NO_MEMORY. */
EXPORT ptrdiff_t crowdsky_find_sources(const float *picture, ptrdiff_t height, ptrdiff_t width,
                                       float threshold, ptrdiff_t least_area,
                                       ptrdiff_t most_pixels, float *sums, float *smooth,
                                       double *out, ptrdiff_t room)
{
    Scratch scratch;
    Run *runs = malloc((size_t)most_pixels * sizeof(Run));
    Source *sources = malloc((size_t)room * sizeof(Source));
    int64_t found = runs && sources ? find_runs(picture, height, width, threshold, sums, smooth,
                                                runs, most_pixels)
                                    : NO_MEMORY;
    int64_t largest = 1, all = 0;
    for (int32_t run = 0; run < found; run++)
        if (runs[run].parent == run) {
            int64_t area = area_of(runs, run);
            largest = area > largest ? area : largest;
            all += area;
        }
    if (all > most_pixels)
        found = NO_ROOM;
    if (found > 0) {
        found = get_scratch(&scratch, largest, (height + 2) * (width + 2), least_area)
                    ? measure_runs(runs, found, picture, smooth, width, threshold, least_area,
                                   &scratch, sources, room)
                    : NO_MEMORY;
        free_scratch(&scratch);
    }
    ptrdiff_t kept = 0;
    if (found > 0)
        drop_wings(sources, found, threshold);
    for (int64_t k = 0; k < found; k++)
        if (sources[k].area > 0) {
            double row[] = {sources[k].x, sources[k].y, sources[k].flux, sources[k].xx,
                            sources[k].yy};
            memcpy(out + sizeof row / sizeof *row * (size_t)kept++, row, sizeof row);
        }
    free(runs);
    free(sources);
    return found < 0 ? found : kept;
}
