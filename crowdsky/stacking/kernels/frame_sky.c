/* The sky of the four cells of a frame in boxes; see frame.py. */
#include "crowdsky/stacking/kernels/frame.h"

/* Number of pixels whose median is a rough level of the sky in a box; odd. */
#define SAMPLE 25

/* The median of SAMPLE values: the highest that has no more than half of them below it. */
static float sample_median(const float *values)
{
    float padded[2 * LANES], middle = -INFINITY;
    int32_t below[2 * LANES];
    for (int k = 0; k < 2 * LANES; k++)
        padded[k] = k < SAMPLE ? values[k] : INFINITY;
    for (int part = 0; part < 2 * PARTS; part++) {
        Floats own;
        Ints count = {0};
        memcpy(&own, padded + part * PART, sizeof own);
        for (int k = 0; k < SAMPLE; k++)
            count -= values[k] < own; /* true is -1 */
        memcpy(below + part * PART, &count, sizeof count);
    }
    for (int k = 0; k < SAMPLE; k++)
        middle = larger(middle, below[k] <= SAMPLE / 2 ? values[k] : -INFINITY);
    return middle;
}

/* The rough level of a cell in the box whose first pixel of the cell is at ``first``: the median of
 * SAMPLE pixels, spread over the box. */
static float rough_level(const float *first, const ptrdiff_t *spread)
{
    float values[SAMPLE];
    for (int k = 0; k < SAMPLE; k++)
        values[k] = first[spread[k]];
    return sample_median(values);
}

/* Choose SAMPLE pixels of a cell, spread over a box, by their distance from its first one. */
static void choose_sample(ptrdiff_t width, ptrdiff_t box, ptrdiff_t *spread)
{
    ptrdiff_t half = box / 2;
    for (ptrdiff_t k = 0; k < SAMPLE; k++)
        spread[k] = 2 * (k * half / SAMPLE) * width + 2 * ((7 * k + k * k) % half);
}

/* How far the pixels of a box are above a rough level on average, as sums by lanes. */
typedef struct {
    Floats middle, reach; /* the same in all parts, because a part has whole pairs of columns */
    Floats total[PARTS];
    Ints count[PARTS];
} Clipped;

/* Add LANES pixels of a row, those that are within reach of the middle. */
static inline void add_inside(Clipped *sums, const float *pixels)
{
    for (int part = 0; part < PARTS; part++) {
        Floats off;
        memcpy(&off, pixels + part * PART, sizeof off);
        off -= sums->middle;
        Ints inside = (off <= sums->reach) & (off >= -sums->reach);
        sums->total[part] += (Floats)((Ints)off & inside);
        sums->count[part] -= inside;
    }
}

/* Add the pixels of a row of a box. */
static void add_box_row(Clipped *sums, const float *row, ptrdiff_t box)
{
    float rest[LANES];
    ptrdiff_t x = 0;
    for (; x + LANES <= box; x += LANES)
        add_inside(sums, row + x);
    if (x == box)
        return;
    for (int lane = 0; lane < LANES; lane++)
        rest[lane] = x + lane < box ? row[x + lane] : INFINITY;
    add_inside(sums, rest);
}

/* The clipped mean of the pixels whose columns have a parity. */
static double clipped_mean(const Clipped *sums, int parity)
{
    double total = 0.0;
    int32_t count = 0;
    for (int lane = parity; lane < LANES; lane += 2) {
        total += sums->total[lane / PART][lane % PART];
        count += sums->count[lane / PART][lane % PART];
    }
    return sums->middle[parity] + (count > 0 ? total / count : 0.0);
}

/* Measure the sky of the two cells of a box in rows of one parity; ``first`` is the first pixel of
 * such a row. Every fourth row of the cells counts. */
static void box_levels(const float *first, ptrdiff_t width, ptrdiff_t box, const ptrdiff_t *spread,
                       const double *noise, double *levels)
{
    Clipped sums;
    memset(&sums, 0, sizeof sums);
    for (int parity = 0; parity < 2; parity++) {
        float middle = rough_level(first + parity, spread);
        for (int lane = parity; lane < PART; lane += 2) {
            sums.middle[lane] = middle;
            sums.reach[lane] = (float)(3.0 * noise[parity]);
        }
    }
    /* The first row is 0 or 1 in the box. */
    for (ptrdiff_t y = 0; y + 1 < box; y += 8)
        add_box_row(&sums, first + y * width, box);
    for (int parity = 0; parity < 2; parity++)
        levels[parity] = clipped_mean(&sums, parity);
}

/* Measure the sky per cell in boxes, into ``levels`` (4, rows, columns); ``noise`` is (4,). */
EXPORT void crowdsky_mesh_levels(const float *mosaic, ptrdiff_t width, ptrdiff_t box,
                                 const double *noise, double *levels, ptrdiff_t rows,
                                 ptrdiff_t columns)
{
    ptrdiff_t spread[SAMPLE];
    choose_sample(width, box, spread);
    for (ptrdiff_t row = 0; row < rows; row++)
        for (ptrdiff_t column = 0; column < columns; column++)
            for (int parity = 0; parity < 2; parity++) {
                const float *first = mosaic + (row * box + parity) * width + column * box;
                double found[2];
                box_levels(first, width, box, spread, noise + 2 * parity, found);
                for (int cell = 0; cell < 2; cell++)
                    levels[((2 * parity + cell) * rows + row) * columns + column] = found[cell];
            }
}
