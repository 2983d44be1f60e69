/* Finds all sources in a picture without sky; see sources.py, and sources.h for the method. */
#include <stdlib.h>

#include "crowdsky/stacking/kernels/sources.h"

/* Distance in units of the sizes of two sources up to which one may be the wing of the other. */
#define CLEAN_ZONE 10.0

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
        int64_t parts = crowdsky_split_source(scratch, area, threshold, least_area,
                                              sources + found, room - found);
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
    int64_t found = runs && sources ? crowdsky_source_runs(picture, height, width, threshold, sums,
                                                           smooth, runs, most_pixels)
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
