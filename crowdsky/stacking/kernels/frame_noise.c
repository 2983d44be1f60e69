/* The noise of the four cells of a frame; see frame.py. */
#include "crowdsky/stacking/kernels/frame.h"

#define MAD_TO_SIGMA 1.4826

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
