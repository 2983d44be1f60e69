/* The median: of a list of values, and of a band of frames. */
#include "crowdsky/stacking/kernels/median.h"
#include "crowdsky/stacking/kernels/combine.h"

#include <string.h>

/* Number of values up to which sorting by insertion is faster than counting. */
#define FEW 16

/* Convert the bits of a float to an int32 of the same order; its own inverse. */
static int32_t ordered(int32_t bits)
{
    return bits ^ ((bits >> 31) & INT32_MAX);
}

static int32_t key_of(float value)
{
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return ordered(bits);
}

static float value_of(int32_t key)
{
    int32_t bits = ordered(key);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int32_t at_most(int64_t limit)
{
    return limit < INT32_MAX ? (int32_t)limit : INT32_MAX;
}

/* Add 1 to *rank_of for each of three limits that has at most `rank` keys below it. */
static int64_t limits_within(const int32_t *keys, ptrdiff_t count, int64_t low, int64_t step,
                             ptrdiff_t rank)
{
    int32_t first = at_most(low + step), second = at_most(low + 2 * step);
    int32_t third = at_most(low + 3 * step), a = 0, b = 0, c = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        a += keys[i] < first;
        b += keys[i] < second;
        c += keys[i] < third;
    }
    return (a <= rank) + (b <= rank) + (c <= rank);
}

/* Find the median by narrowing down: count how many values lie below each of three trials.
 *
 * A selection algorithm compares less, but the processor mispredicts every other branch, which
 * takes longer than going through all values ten times without any. The trials are the bits of
 * floats, read as integers of the same order. */
static double counted_middle(float *values, ptrdiff_t count)
{
    int32_t *keys = (int32_t *)(void *)values;
    int32_t least = INT32_MAX, most = INT32_MIN;
    for (ptrdiff_t i = 0; i < count; i++) {
        int32_t key = key_of(values[i]);
        memcpy(values + i, &key, sizeof key);
        least = key < least ? key : least;
        most = key > most ? key : most;
    }
    ptrdiff_t padded = (count + MEDIAN_STEP - 1) / MEDIAN_STEP * MEDIAN_STEP;
    for (ptrdiff_t i = count; i < padded; i++)
        memcpy(values + i, &most, sizeof most);
    int64_t low = least, spread = (int64_t)most - least, step = 1;
    ptrdiff_t rank = (count - 1) / 2;
    while (4 * step <= spread)
        step *= 4;
    /* `low` grows to the largest number that has at most `rank` values below it. */
    for (; step > 0; step /= 4)
        low += step * limits_within(keys, padded, low, step, rank);
    ptrdiff_t up_to = 0;
    int32_t above = INT32_MAX, bound = (int32_t)low;
    for (ptrdiff_t i = 0; i < padded; i++) {
        int32_t passing = keys[i] > bound ? keys[i] : INT32_MAX;
        up_to += keys[i] <= bound;
        above = passing < above ? passing : above;
    }
    if (count % 2 == 1 || up_to > rank + 1)
        above = bound;
    return 0.5 * (double)(value_of(bound) + value_of(above));
}

double crowdsky_middle_of(float *values, ptrdiff_t count)
{
    if (count > FEW)
        return counted_middle(values, count);
    for (ptrdiff_t i = 1; i < count; i++) {
        float value = values[i];
        ptrdiff_t j = i - 1;
        for (; j >= 0 && values[j] > value; j--)
            values[j + 1] = values[j];
        values[j + 1] = value;
    }
    return 0.5 * (double)(values[(count - 1) / 2] + values[count / 2]);
}

EXPORT double crowdsky_median(float *values, ptrdiff_t count)
{
    return crowdsky_middle_of(values, count);
}

/* Return the median of a plane of a pixel; *seen is the number of frames that cover it. */
static double middle_at(const Samples *samples, ptrdiff_t row, ptrdiff_t plane, ptrdiff_t x,
                        float *list, ptrdiff_t *seen)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t frame = 0; frame < samples->n_frames; frame++)
        if (covers(samples, row, frame, x))
            list[count++] = sample_at(samples, row, plane, frame, x);
    *seen = count;
    return count > 0 ? crowdsky_middle_of(list, count) : 0.0;
}

/* Return the sum of the term of the frames that cover a pixel. */
static double sum_at(const Samples *samples, ptrdiff_t row, ptrdiff_t x, const double *term)
{
    double sum = 0.0;
    for (ptrdiff_t frame = 0; frame < samples->n_frames; frame++)
        if (covers(samples, row, frame, x))
            sum += term[frame];
    return sum;
}

/* Return the variance of the median of `count` frames above the sky by `light`, in numbers.
 *
 * `quiet` is the sum of 1 / sigma of the sky, and `of_light` that of the variance of an ADU of light
 * over the variance of the sky. */
static double variance_of(double quiet, double of_light, ptrdiff_t count, double excess,
                          double light)
{
    if (count == 0 || !(quiet > 0.0))
        return 0.0;
    /* As of a median of many frames: the density in the middle decides. */
    double variance = excess * (double)count / (quiet * quiet);
    if (light > 0.0 && light * light > LIT * LIT * variance)
        variance *= 1.0 + light * of_light / (double)count;
    return variance;
}

EXPORT void crowdsky_median_band(const Samples *samples, ptrdiff_t top, ptrdiff_t n_rows,
                                 ptrdiff_t first, ptrdiff_t height, const double *terms,
                                 const double *excess, const double *sky, float *planes,
                                 int32_t *footprint, float *variance, float *list)
{
    ptrdiff_t width = samples->width, n_frames = samples->n_frames, seen = 0;
    double step = samples->step, zero = samples->zero;
    for (ptrdiff_t row = top; row < top + n_rows; row++) {
        for (ptrdiff_t x = 0; x < width; x++) {
            ptrdiff_t at = (first + row - top) * width + x;
            for (ptrdiff_t plane = 0; plane < samples->n_planes; plane++) {
                const double *of_light = terms + (samples->n_planes + plane) * n_frames;
                double middle = middle_at(samples, row, plane, x, list, &seen);
                double quiet = sum_at(samples, row, x, terms + plane * n_frames);
                double square = variance_of(quiet, sum_at(samples, row, x, of_light), seen,
                                            excess[seen], middle - sky[plane]);
                ptrdiff_t to = plane * height * width + at;
                planes[to] = seen > 0 ? (float)middle * (float)step + (float)zero : 0.0f;
                variance[to] = (float)(step * step * square);
            }
            footprint[at] = (int32_t)seen;
        }
    }
}
