/* The picture of a frame binned by two, with or without its sky; see frame.py. */
#include "crowdsky/stacking/kernels/frame.h"

/* Average the 2x2 cells of two rows. */
static void bin_rows(const float *restrict upper, const float *restrict lower, ptrdiff_t columns,
                     float *restrict target)
{
    for (ptrdiff_t x = 0; x < columns; x++)
        target[x] = 0.25f * (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
}

/* Average every 2x2 cell of a mosaic with rows of ``width``: ``out`` is (rows, columns). */
EXPORT void crowdsky_bin_by_two(const float *mosaic, ptrdiff_t width, float *out, ptrdiff_t rows,
                                ptrdiff_t columns)
{
    for (ptrdiff_t y = 0; y < rows; y++)
        bin_rows(mosaic + 2 * y * width, mosaic + (2 * y + 1) * width, columns, out + y * columns);
}

/* Subtract from a row the interpolation between the levels at the middles of boxes. */
static void subtract_levels(float *restrict row, ptrdiff_t columns, const float *levels,
                            ptrdiff_t boxes, double box, const float *restrict share)
{
    double middle = (box - 1.0) / 2.0;
    ptrdiff_t x = 0;
    for (ptrdiff_t left = 0; x < columns; left++) {
        /* The columns between the middles of this box and the next; all others at the last. */
        ptrdiff_t end = columns;
        if (left + 2 < boxes)
            end = (ptrdiff_t)ceil(middle + box * (double)(left + 1));
        if (end > columns)
            end = columns;
        float level = levels[left];
        float step = boxes > 1 ? levels[left + 1] - level : 0.0f;
        for (; x < end; x++)
            row[x] -= level + share[x] * step;
    }
}

/* Bin a mosaic by two and subtract the bilinear interpolation of ``levels``, (box_rows, boxes).
 *
 * box: side of a box in pixels of the binned picture.
 * scratch: columns + boxes elements. */
EXPORT void crowdsky_bin_above_sky(const float *mosaic, ptrdiff_t width, const double *levels,
                                   ptrdiff_t box_rows, ptrdiff_t boxes, double box, float *scratch,
                                   float *out, ptrdiff_t rows, ptrdiff_t columns)
{
    float *share = scratch, *strip = scratch + columns;
    double middle = (box - 1.0) / 2.0;
    ptrdiff_t last_left = boxes > 2 ? boxes - 2 : 0, last_row = box_rows > 2 ? box_rows - 2 : 0;
    for (ptrdiff_t x = 0; x < columns; x++) {
        double u = least_of(most(((double)x - middle) / box, 0.0), (double)boxes - 1.0);
        ptrdiff_t left = (ptrdiff_t)u < last_left ? (ptrdiff_t)u : last_left;
        share[x] = (float)(u - (double)left);
    }
    for (ptrdiff_t y = 0; y < rows; y++) {
        double v = least_of(most(((double)y - middle) / box, 0.0), (double)box_rows - 1.0);
        ptrdiff_t row = (ptrdiff_t)v < last_row ? (ptrdiff_t)v : last_row;
        ptrdiff_t below = row + 1 < box_rows ? row + 1 : row;
        double t = v - (double)row;
        for (ptrdiff_t k = 0; k < boxes; k++)
            strip[k] = (float)((1.0 - t) * levels[row * boxes + k] + t * levels[below * boxes + k]);
        float *target = out + y * columns;
        bin_rows(mosaic + 2 * y * width, mosaic + (2 * y + 1) * width, columns, target);
        subtract_levels(target, columns, strip, boxes, box, share);
    }
}
