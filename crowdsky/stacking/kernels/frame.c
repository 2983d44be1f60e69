/* Measures one frame: its noise, its sky, its defects and its stars; see frame.py.
 *
 * All work on the raw mosaic, float (height, width) ADU. A cell is one of the four positions in the
 * 2x2 colour pattern, numbered 2 * (row & 1) + (column & 1).
 *
 * Sums over many pixels are kept in LANES partial sums, pixel x in lane x % LANES, so that they are
 * the same with vectors of any length. LANES is even: a lane has pixels of one colour.
 */
#include <string.h>

#include "crowdsky/base/compiled.h"

#define LANES 16

/* A part of the lanes: as many as a register of this processor has. */
#if defined(__AVX512F__)
#define PART 16
#elif defined(__AVX__)
#define PART 8
#else
#define PART 4
#endif
#define PARTS (LANES / PART)
typedef float Floats __attribute__((vector_size(4 * PART)));
typedef int32_t Ints __attribute__((vector_size(4 * PART)));

#define MAD_TO_SIGMA 1.4826
/* Number of pixels whose median is a rough level of the sky in a box; odd. */
#define SAMPLE 25

static inline float larger(float a, float b) { return a > b ? a : b; }
static inline float smaller(float a, float b) { return a < b ? a : b; }
static inline double most(double a, double b) { return a > b ? a : b; }
static inline double least_of(double a, double b) { return a < b ? a : b; }

/* ------------------------------------------------------------------ the picture binned by two */

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

/* ------------------------------------------------------------------------------- noise */

static inline float float_of(int32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Count how many keys lie below each of three limits; there are ``blocks`` times LANES of them. */
static void counts_below(const int32_t *keys, ptrdiff_t blocks, const int32_t *limits,
                         int32_t *counts)
{
    int32_t a = 0, b = 0, c = 0, low = limits[0], middle = limits[1], high = limits[2];
    for (ptrdiff_t k = 0; k < blocks * LANES; k++) {
        a += keys[k] < low;
        b += keys[k] < middle;
        c += keys[k] < high;
    }
    counts[0] = a;
    counts[1] = b;
    counts[2] = c;
}

/* The smallest of the keys above ``limit``; INT32_MAX if there is none. ``up_to`` counts others. */
static int32_t next_above(const int32_t *keys, ptrdiff_t count, int32_t limit, int32_t *up_to)
{
    int32_t lowest = INT32_MAX, others = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
        int32_t passing = keys[k] > limit ? keys[k] : INT32_MAX;
        others += keys[k] <= limit;
        lowest = passing < lowest ? passing : lowest;
    }
    *up_to = others;
    return lowest;
}

/* Compute the median of values that are not negative, by narrowing down: count how many lie below
 * each of three trials. A selection compares less, but every other branch of it is mispredicted.
 * The bits of such floats, read as integers, have the same order. There is room for LANES more. */
static double middle_of(float *values, ptrdiff_t count)
{
    ptrdiff_t blocks = (count + LANES - 1) / LANES;
    int32_t *keys = (int32_t *)(void *)values;
    int32_t least = INT32_MAX, highest = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
        least = keys[k] < least ? keys[k] : least;
        highest = keys[k] > highest ? keys[k] : highest;
    }
    for (ptrdiff_t k = count; k < blocks * LANES; k++)
        keys[k] = INT32_MAX;
    int32_t rank = (int32_t)((count - 1) / 2);
    int64_t low = least, spread = (int64_t)highest - least, step = 1;
    while (4 * step <= spread)
        step *= 4;
    /* ``low`` grows to the largest number that has at most ``rank`` values below it. */
    for (; step > 0; step /= 4) {
        int32_t limits[3], counts[3];
        for (int k = 0; k < 3; k++)
            limits[k] = low + (k + 1) * step < INT32_MAX ? (int32_t)(low + (k + 1) * step)
                                                         : INT32_MAX;
        counts_below(keys, blocks, limits, counts);
        low += step * ((counts[0] <= rank) + (counts[1] <= rank) + (counts[2] <= rank));
    }
    int32_t up_to, above = next_above(keys, count, (int32_t)low, &up_to);
    if (count % 2 == 1 || up_to > rank + 1)
        above = (int32_t)low;
    return 0.5 * (float_of((int32_t)low) + float_of(above));
}

/* The smallest value that is not 0; 0 if there is none. */
static double smallest_step(const float *values, ptrdiff_t count)
{
    float least = INFINITY;
    for (ptrdiff_t k = 0; k < count; k++)
        least = values[k] > 0.0f && values[k] < least ? values[k] : least;
    return least < INFINITY ? least : 0.0;
}

/* Add the squares of the values up to ``bound`` to ``totals``, by lanes, and count them. Few are
 * added at a time, so that single precision is enough. */
static int32_t add_squares(const float *values, ptrdiff_t blocks, float bound, double *totals)
{
    Floats own, sums[PARTS] = {{0.0f}};
    Ints kept[PARTS] = {{0}};
    int32_t number = 0;
    for (ptrdiff_t block = 0; block < blocks; block++)
        for (int part = 0; part < PARTS; part++) {
            memcpy(&own, values + block * LANES + part * PART, sizeof own);
            Ints inside = own <= bound;
            sums[part] += (Floats)((Ints)(own * own) & inside);
            kept[part] -= inside;
        }
    for (int lane = 0; lane < LANES; lane++) {
        totals[lane] += sums[lane / PART][lane % PART];
        number += kept[lane / PART][lane % PART];
    }
    return number;
}

/* The mean square of the values up to ``limit``; those behind the last, up to LANES, are NaN. */
static double mean_square(const float *values, ptrdiff_t count, double limit)
{
    double totals[LANES] = {0.0}, total = 0.0;
    ptrdiff_t blocks = (count + LANES - 1) / LANES, kept = 0;
    float bound = (float)limit;
    if ((double)bound > limit)
        bound = nextafterf(bound, -INFINITY);
    for (ptrdiff_t block = 0; block < blocks; block += 64) {
        ptrdiff_t some = blocks - block < 64 ? blocks - block : 64;
        kept += add_squares(values + block * LANES, some, bound, totals);
    }
    for (int lane = 0; lane < LANES; lane++)
        total += totals[lane];
    return total / (double)kept;
}

/* Collect the differences between pixels of a cell, two columns apart, of every ``every``-th pair
 * of rows. Returns their number. */
static ptrdiff_t collect_differences(const float *mosaic, ptrdiff_t height, ptrdiff_t width,
                                     ptrdiff_t every, int cell, float *restrict differences)
{
    ptrdiff_t count = 0, each = (width - 2 - cell % 2 + 3) / 4;
    for (ptrdiff_t pair = 0; pair < height / 2; pair += every) {
        const float *row = mosaic + (2 * pair + cell / 2) * width + cell % 2;
        for (ptrdiff_t k = 0; k < each; k++)
            differences[count + k] = fabsf(row[4 * k + 2] - row[4 * k]);
        count += each;
    }
    return count;
}

/* Measure the noise of single pixels per cell, (4,); ``differences`` is scratch for those of one
 * cell and LANES more. */
EXPORT void crowdsky_cell_noise(const float *mosaic, ptrdiff_t height, ptrdiff_t width,
                                ptrdiff_t every, float *differences, double *noise)
{
    for (int cell = 0; cell < 4; cell++) {
        ptrdiff_t count = collect_differences(mosaic, height, width, every, cell, differences);
        double limit = 3.0 * MAD_TO_SIGMA * middle_of(differences, count), least = 0.0;
        if (limit == 0.0) {
            /* Most neighbours are equal, as in 8 bits; the others differ by single steps. Numbers
             * that are rounded to steps have a noise of at least a twelfth of a step, squared. */
            least = smallest_step(differences, count);
            limit = 1.5 * least;
            least /= sqrt(12.0);
        }
        noise[cell] = most(sqrt(0.5 * mean_square(differences, count, limit)), least);
    }
}

/* ------------------------------------------------------------------------------- sky */

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

/* ------------------------------------------------------------------------------- defects */

/* Add to a row how far its pixels stand out from the mean of the middle two of their neighbours,
 * ``step`` away, in units of 1 / ``scales``. */
static void add_row_residuals(const float *row, ptrdiff_t width, ptrdiff_t step,
                              const float *restrict scales, float bound, float *restrict total)
{
    const float *up = row - step * width, *down = row + step * width;
    for (ptrdiff_t x = step; x < width - step; x++) {
        float left = row[x - step], right = row[x + step];
        float high = smaller(larger(up[x], down[x]), larger(left, right));
        float low = larger(smaller(up[x], down[x]), smaller(left, right));
        float residual = (row[x] - 0.5f * (high + low)) * scales[x];
        total[x] += smaller(larger(residual, -bound), bound);
    }
}

/* Add to ``total`` how far each pixel stands out from its own colour, in sigma, clipped; ``scales``
 * is scratch for two rows. */
EXPORT void crowdsky_add_residuals(const float *mosaic, ptrdiff_t height, ptrdiff_t width,
                                   ptrdiff_t step, const double *noise, double clip, float *scales,
                                   float *total)
{
    for (ptrdiff_t x = 0; x < 2 * width; x++)
        scales[x] = (float)(1.0 / noise[x < width ? x & 1 : 2 + ((x - width) & 1)]);
    for (ptrdiff_t y = step; y < height - step; y++)
        add_row_residuals(mosaic + y * width, width, step, scales + (y & 1) * width, (float)clip,
                          total + y * width);
}

/* List the pixels, as y * width + x, that exceed ``limit`` in size, without a border. Returns their
 * number; only the first ``room`` are listed. */
EXPORT ptrdiff_t crowdsky_outstanding(const float *total, ptrdiff_t height, ptrdiff_t width,
                                      ptrdiff_t border, float limit, int64_t *found, ptrdiff_t room)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t y = border; y < height - border; y++) {
        const float *row = total + y * width;
        int32_t any = 0;
        for (ptrdiff_t x = border; x < width - border; x++)
            any |= fabsf(row[x]) > limit;
        if (!any)
            continue;
        for (ptrdiff_t x = border; x < width - border; x++)
            if (fabsf(row[x]) > limit) {
                if (count < room)
                    found[count] = y * width + x;
                count++;
            }
    }
    return count;
}

/* Add up the squares of pixels around each (y, x), of all frames, in ``stamps`` (count, side,
 * side). */
EXPORT void crowdsky_add_stamps(const float *frames, ptrdiff_t n_frames, ptrdiff_t height,
                                ptrdiff_t width, const int64_t *y, const int64_t *x,
                                ptrdiff_t count, float *stamps, ptrdiff_t side)
{
    for (ptrdiff_t frame = 0; frame < n_frames; frame++)
        for (ptrdiff_t index = 0; index < count; index++) {
            ptrdiff_t top = frame * height + y[index] - side / 2;
            const float *corner = frames + top * width + x[index] - side / 2;
            float *stamp = stamps + index * side * side;
            for (ptrdiff_t v = 0; v < side; v++)
                for (ptrdiff_t u = 0; u < side; u++)
                    stamp[v * side + u] += corner[v * width + u];
        }
}

/* ------------------------------------------------------------------------------- stars */

/* Half the side of the largest window, pixels. */
#define MAX_REACH 32
#define MAX_TRIALS 20
/* Number of columns of ``out``. */
#define STAR_COLUMNS 7

typedef struct {
    const float *mosaic;
    ptrdiff_t height, width;
} Frame;

/* How stars are measured: the Gaussian window (sigma squared), the half sides of window and
 * aperture, and the radius of the aperture; pixels. */
typedef struct {
    double window, radius;
    ptrdiff_t reach, far;
} Measure;

/* The first and second moments of a star in the window, about its centre so far. */
typedef struct {
    double total, x, y, xx, yy, xy;
} Moments;

/* The mean of 2x2 pixels has every colour of the pattern once at any position. */
static inline double running_mean(const Frame *frame, ptrdiff_t u, ptrdiff_t v)
{
    const float *pixel = frame->mosaic + v * frame->width + u;
    return 0.25 * (pixel[0] + pixel[1] + pixel[frame->width] + pixel[frame->width + 1]);
}

/* Fill in the weights of columns (or rows) of the window around the integer ``at``, times 1, the
 * offset from the centre, and its square. */
static void fill_window(double *weights, ptrdiff_t at, double centre, const Measure *how)
{
    for (ptrdiff_t k = 0; k <= 2 * how->reach; k++) {
        double off = (double)(at - how->reach + k) - centre;
        double weight = exp(-0.5 * off * off / how->window);
        weights[3 * k] = weight;
        weights[3 * k + 1] = weight * off;
        weights[3 * k + 2] = weight * off * off;
    }
}

/* Sum the moments in the window. It is the product of one along x and one along y. */
static Moments window_moments(const Frame *frame, const Measure *how, double cx, double cy,
                              double sky)
{
    double across[3 * (2 * MAX_REACH + 1)], down[3 * (2 * MAX_REACH + 1)];
    ptrdiff_t left = (ptrdiff_t)rint(cx) - how->reach, top = (ptrdiff_t)rint(cy) - how->reach;
    Moments sums = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    fill_window(across, left + how->reach, cx, how);
    fill_window(down, top + how->reach, cy, how);
    for (ptrdiff_t v = 0; v <= 2 * how->reach; v++) {
        double plain = 0.0, first = 0.0, second = 0.0;
        for (ptrdiff_t u = 0; u <= 2 * how->reach; u++) {
            double value = running_mean(frame, left + u, top + v) - sky;
            plain += value * across[3 * u];
            first += value * across[3 * u + 1];
            second += value * across[3 * u + 2];
        }
        sums.total += plain * down[3 * v];
        sums.x += first * down[3 * v];
        sums.y += plain * down[3 * v + 1];
        sums.xx += second * down[3 * v];
        sums.yy += plain * down[3 * v + 2];
        sums.xy += first * down[3 * v + 1];
    }
    return sums;
}

/* Whether window and aperture around a place lie in the frame. */
static int fits_in(const Frame *frame, const Measure *how, double cx, double cy)
{
    double edge = (double)(how->reach > how->far ? how->reach : how->far);
    double x = rint(cx), y = rint(cy);
    return x >= edge && y >= edge && x < (double)frame->width - edge - 1.0 &&
           y < (double)frame->height - edge - 1.0;
}

/* Move a centre, first guess (*cx, *cy), to that of the star. Returns whether it came to rest;
 * ``moments`` are then central and divided by the light. */
static int settle(const Frame *frame, const Measure *how, double sky, double *cx, double *cy,
                  Moments *moments)
{
    double from_x = *cx, from_y = *cy, reach = (double)how->reach;
    for (int trial = 0; trial < MAX_TRIALS; trial++) {
        if (!fits_in(frame, how, *cx, *cy))
            return 0;
        Moments sums = window_moments(frame, how, *cx, *cy, sky);
        if (!(sums.total > 0.0))
            return 0;
        double x = sums.x / sums.total, y = sums.y / sums.total;
        moments->xx = sums.xx / sums.total - x * x;
        moments->yy = sums.yy / sums.total - y * y;
        moments->xy = sums.xy / sums.total - x * y;
        /* In a Gaussian window of its own size, a Gaussian star moves by half of its offset. */
        *cx += 2.0 * x;
        *cy += 2.0 * y;
        if (fabs(*cx - from_x) > reach || fabs(*cy - from_y) > reach)
            return 0;
        if (x * x + y * y < 1e-6)
            return 1;
    }
    return 0;
}

/* Sum the light in the aperture, and find the highest pixel near the centre. */
static void sum_light(const Frame *frame, const Measure *how, double sky, double cx, double cy,
                      double *light, double *highest)
{
    ptrdiff_t ix = (ptrdiff_t)rint(cx), iy = (ptrdiff_t)rint(cy);
    *light = 0.0;
    *highest = 0.0;
    for (ptrdiff_t v = iy - how->far; v <= iy + how->far; v++)
        for (ptrdiff_t u = ix - how->far; u <= ix + how->far; u++) {
            double dx = (double)u - cx, dy = (double)v - cy, distance = sqrt(dx * dx + dy * dy);
            double inside = least_of(1.0, most(0.0, how->radius + 0.5 - distance));
            *light += inside * (running_mean(frame, u, v) - sky);
            if (distance < 2.5)
                *highest = most(*highest, frame->mosaic[v * frame->width + u]);
        }
}

/* Remove the window from the moments, then the 2x2 mean (1/4 px^2 per axis). */
static void own_shape(Moments seen, double window, double *shape)
{
    double determinant = seen.xx * seen.yy - seen.xy * seen.xy;
    double xx = seen.xx, yy = seen.yy, xy = seen.xy;
    if (determinant > 0.0) {
        double ixx = seen.yy / determinant - 1.0 / window;
        double iyy = seen.xx / determinant - 1.0 / window;
        double ixy = -seen.xy / determinant;
        double inverse = ixx * iyy - ixy * ixy;
        int narrower = inverse > 0.0 && ixx > 0.0;
        xx = narrower ? iyy / inverse : 4.0 * window;
        yy = narrower ? ixx / inverse : 4.0 * window;
        xy = narrower ? -ixy / inverse : 0.0;
    }
    shape[0] = xx - 0.25;
    shape[1] = yy - 0.25;
    shape[2] = xy;
}

/* Measure centroids and shapes of stars into ``out`` (count, STAR_COLUMNS); the window of
 * ceil(3 sigma) must not exceed MAX_REACH. */
EXPORT void crowdsky_measure_stars(const float *mosaic, ptrdiff_t height, ptrdiff_t width,
                                   const double *x, const double *y, const double *sky,
                                   ptrdiff_t count, double sigma, double radius, double *out)
{
    Frame frame = {mosaic, height, width};
    Measure how = {sigma * sigma, radius, (ptrdiff_t)ceil(3.0 * sigma), (ptrdiff_t)ceil(radius) + 1};
    for (ptrdiff_t star = 0; star < count; star++) {
        double *row = out + STAR_COLUMNS * star;
        /* The running mean is shifted by half a pixel. */
        double cx = x[star] - 0.5, cy = y[star] - 0.5;
        Moments moments = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
        int settled = settle(&frame, &how, sky[star], &cx, &cy, &moments);
        /* The last step may have led across the edge. */
        settled = settled && fits_in(&frame, &how, cx, cy);
        row[0] = settled ? cx + 0.5 : NAN;
        row[1] = cy + 0.5;
        if (!settled)
            continue;
        sum_light(&frame, &how, sky[star], cx, cy, &row[2], &row[6]);
        own_shape(moments, how.window, row + 3);
    }
}
