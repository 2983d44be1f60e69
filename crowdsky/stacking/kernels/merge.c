/* Resamples finished stacks onto each other and averages them; merge.py describes the arguments. */
#include <string.h>

#include "crowdsky/stacking/kernels/median.h"

/* Number of samples from which outliers are rejected; of two it is not known which one is wrong. */
#define ENOUGH_TO_JUDGE 3

typedef struct {
    const float *planes;   /* (planes, height, width) */
    const int32_t *counts; /* (height, width), 0 where nothing is */
    ptrdiff_t n_planes, height, width;
} Source;

/* The sixteen pixels around a position and their weights. */
typedef struct {
    ptrdiff_t row, column; /* of the second of four */
    double along_y[4], along_x[4];
} Around;

static void weigh(const float taps[16], double t, double weights[4])
{
    for (int k = 0; k < 4; k++) {
        const float *p = taps + 4 * k;
        weights[k] = ((p[3] * t + p[2]) * t + p[1]) * t + p[0];
    }
}

/* Whether every tap with a weight is on a covered pixel. */
static int is_covered(const Source *source, const Around *around)
{
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 4; i++) {
            if (around->along_x[i] * around->along_y[j] == 0.0)
                continue;
            ptrdiff_t y = around->row + j - 1, x = around->column + i - 1;
            if (y < 0 || y >= source->height || x < 0 || x >= source->width ||
                source->counts[y * source->width + x] == 0)
                return 0;
        }
    }
    return 1;
}

static double interpolate(const Source *source, const Around *around, ptrdiff_t plane)
{
    const float *pixels = source->planes + plane * source->height * source->width;
    double total = 0.0;
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 4; i++) {
            double weight = around->along_x[i] * around->along_y[j];
            /* Taps without weight may be outside. */
            if (weight != 0.0)
                total += weight * pixels[(around->row + j - 1) * source->width + around->column +
                                         i - 1];
        }
    }
    return total;
}

EXPORT void crowdsky_sample_band(const float *planes, const int32_t *counts,
                                 const ptrdiff_t *shape, ptrdiff_t top, const double *inverse,
                                 const float *taps, double scale, const double *sky, ptrdiff_t y0,
                                 float *out, int32_t *seen, ptrdiff_t rows, ptrdiff_t columns)
{
    Source source = {planes, counts, shape[0], shape[1], shape[2]};
    double a = inverse[0], b = inverse[1], c = inverse[2];
    double d = inverse[3], e = inverse[4], f = inverse[5];
    for (ptrdiff_t row = 0; row < rows; row++) {
        double y = (double)(y0 + row);
        for (ptrdiff_t x = 0; x < columns; x++) {
            double u = a * (double)x + b * y + c, v = d * (double)x + e * y + f - (double)top;
            double column = floor(u), line = floor(v);
            seen[row * columns + x] = 0;
            if (!(column >= -1.0 && column <= (double)source.width && line >= -1.0 &&
                  line <= (double)source.height))
                continue;
            Around around = {.row = (ptrdiff_t)line, .column = (ptrdiff_t)column};
            weigh(taps, u - column, around.along_x);
            weigh(taps, v - line, around.along_y);
            if (!is_covered(&source, &around))
                continue;
            ptrdiff_t nearest = (ptrdiff_t)floor(v + 0.5) * source.width + (ptrdiff_t)floor(u + 0.5);
            seen[row * columns + x] = counts[nearest];
            for (ptrdiff_t plane = 0; plane < source.n_planes; plane++) {
                const double *of = sky + 3 * plane;
                out[(plane * rows + row) * columns + x] =
                    (float)(scale * interpolate(&source, &around, plane) -
                            (of[0] + of[1] * (double)x + of[2] * y));
            }
        }
    }
}

EXPORT void crowdsky_nearest_band(const float *planes, const ptrdiff_t *shape, ptrdiff_t top,
                                  const double *inverse, ptrdiff_t y0, float *out, ptrdiff_t rows,
                                  ptrdiff_t columns)
{
    ptrdiff_t n_planes = shape[0], height = shape[1], width = shape[2];
    for (ptrdiff_t row = 0; row < rows; row++) {
        double y = (double)(y0 + row);
        for (ptrdiff_t x = 0; x < columns; x++) {
            double u = floor(inverse[0] * (double)x + inverse[1] * y + inverse[2] + 0.5);
            double v = floor(inverse[3] * (double)x + inverse[4] * y + inverse[5] - (double)top +
                             0.5);
            if (!(u >= 0.0 && u < (double)width && v >= 0.0 && v < (double)height))
                continue;
            for (ptrdiff_t plane = 0; plane < n_planes; plane++)
                out[(plane * rows + row) * columns + x] =
                    planes[(plane * height + (ptrdiff_t)v) * width + (ptrdiff_t)u];
        }
    }
}

/* What merge_band knows of all pixels. */
typedef struct {
    const float *values;     /* (stacks, planes, rows, columns) */
    const int32_t *seen;     /* (stacks, rows, columns) */
    const double *shares, *variances, *sky, *shot;
    double limit, ripple;
    ptrdiff_t n_stacks, n_planes, pixels; /* pixels of the band */
} Merge;

static float value_at(const Merge *merge, ptrdiff_t stack, ptrdiff_t plane, ptrdiff_t pixel)
{
    return merge->values[(stack * merge->n_planes + plane) * merge->pixels + pixel];
}

/* Clear `kept` for the stacks whose sample is an outlier in any plane: as with subs, whatever spoils
 * one colour of a pixel spoils them all. */
static void leave_out(const Merge *merge, ptrdiff_t pixel, double near, ptrdiff_t covering,
                      float *list, uint8_t *kept)
{
    for (ptrdiff_t plane = 0; plane < merge->n_planes; plane++) {
        ptrdiff_t count = 0;
        for (ptrdiff_t stack = 0; stack < merge->n_stacks; stack++)
            if (merge->seen[stack * merge->pixels + pixel] > 0)
                list[count++] = value_at(merge, stack, plane, pixel);
        double middle = crowdsky_middle_of(list, count), light = middle - merge->sky[plane];
        light = light > 0.0 ? light : 0.0;
        double moved = merge->ripple * (light > near ? light : near);
        for (ptrdiff_t stack = 0; stack < merge->n_stacks; stack++) {
            uint8_t *is_kept = kept + stack * merge->pixels + pixel;
            if (!*is_kept)
                continue;
            double subs = merge->seen[stack * merge->pixels + pixel];
            double noise = (merge->variances[stack * merge->n_planes + plane] +
                            merge->shot[plane] * light) / subs;
            double off = value_at(merge, stack, plane, pixel) - middle;
            /* The last one stays: a covered pixel has a value. */
            if (off * off > merge->limit * merge->limit * (noise + moved * moved) && covering > 1) {
                *is_kept = 0;
                covering--;
            }
        }
    }
}

static float mean_at(const Merge *merge, ptrdiff_t plane, ptrdiff_t pixel, const uint8_t *kept)
{
    double total = 0.0, weight = 0.0;
    for (ptrdiff_t stack = 0; stack < merge->n_stacks; stack++) {
        if (!kept[stack * merge->pixels + pixel])
            continue;
        double share = merge->shares[stack] * merge->seen[stack * merge->pixels + pixel];
        total += share * value_at(merge, stack, plane, pixel);
        weight += share;
    }
    return weight > 0.0 ? (float)(total / weight) : 0.0f;
}

EXPORT void crowdsky_merge_band(const float *values, const int32_t *seen, const ptrdiff_t *shape,
                                const double *shares, const double *variances, double limit,
                                const double *sky, const double *shot, double ripple,
                                const float *near, ptrdiff_t near_columns, ptrdiff_t first,
                                float *out, int32_t *footprint, uint8_t *taken, float *list)
{
    ptrdiff_t rows = shape[2], columns = shape[3];
    Merge merge = {values, seen, shares, variances, sky, shot, limit, ripple, shape[0], shape[1],
                   rows * columns};
    for (ptrdiff_t pixel = 0; pixel < merge.pixels; pixel++) {
        ptrdiff_t covering = 0;
        int32_t subs = 0;
        for (ptrdiff_t stack = 0; stack < merge.n_stacks; stack++) {
            int32_t count = seen[stack * merge.pixels + pixel];
            taken[stack * merge.pixels + pixel] = count > 0;
            covering += count > 0;
            subs += count;
        }
        footprint[pixel] = subs;
        ptrdiff_t row = first + pixel / columns, x = pixel % columns;
        if (limit > 0.0 && covering >= ENOUGH_TO_JUDGE)
            leave_out(&merge, pixel, near[(row >> 1) * near_columns + (x >> 1)], covering, list,
                      taken);
        for (ptrdiff_t plane = 0; plane < merge.n_planes; plane++)
            out[plane * merge.pixels + pixel] = mean_at(&merge, plane, pixel, taken);
    }
}
