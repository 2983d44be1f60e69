/* Splits a source that has several peaks; see sources.h. */
#include "crowdsky/stacking/kernels/sources.h"

/* Share of the light of the whole that a part needs to be a source of its own. */
#define CONTRAST 0.005
/* Number of parts up to which a source is split; bright structure has more. */
#define MOST_PARTS 1024

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

int64_t crowdsky_split_source(Scratch *scratch, int64_t count, double threshold,
                              int64_t least_area, Source *sources, int64_t room)
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
        sources[0] = crowdsky_measure_source(pixels, count, 0, threshold, least_area);
        return 1;
    }
    give_to_parts(pixels, count, scratch->parts, n_parts, scratch->number);
    for (int64_t part = 0, own = 0; part < n_parts; part++)
        if (scratch->parts[part].chosen) {
            double level = step_level(threshold, peak, scratch->parts[part].step);
            sources[own] = crowdsky_measure_source(pixels, count, (int32_t)own, level, least_area);
            own++;
        }
    give_rest(pixels, count, sources, chosen);
    for (int64_t own = 0; own < chosen; own++)
        sources[own] = crowdsky_measure_source(pixels, count, (int32_t)own, threshold, least_area);
    return chosen;
}
