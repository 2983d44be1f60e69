/* The sky of a picture: statistics of boxes, and a smooth surface through them.
 *
 * The estimate is that of Bertin & Arnouts (1996, A&AS 117, 393), section 4.1: values are clipped
 * around the median until their scatter settles; the mode follows from median and mean.
 */
#include <string.h>

#include "crowdsky/base/compiled.h"

/* Sums run in so many lanes, whose order is fixed. Values are padded to a multiple of it. */
#define LANES 16
/* Number of bins of a box's histogram, and its reach to both sides in sigma. */
#define BINS 1024
#define BIN_REACH 5.0
/* The first cut, around the mean, and the later ones, around the median, in sigma. */
#define FIRST_CUT 2.0
#define CUT 3.0
#define MOST_CUTS 100
/* The scatter has settled when it changes by less than this share. */
#define SETTLED 0.1
/* Mean and median that differ by more than this share of the scatter give no mode. */
#define CROWDED 0.3

typedef struct {
    double mean, sigma;
    ptrdiff_t count;
} Moments;

/* Compute the moments of the values from low to high. They are summed up as differences from
 * ``origin``, which is near them, so that float32 is enough for a lane. */
static Moments moments_within(const float *values, ptrdiff_t count, float low, float high,
                              float origin)
{
    float total[LANES] = {0.0f}, square[LANES] = {0.0f};
    int32_t inside[LANES] = {0};
    for (ptrdiff_t i = 0; i < count; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            float value = values[i + lane];
            int32_t in = (value >= low) & (value <= high);
            float step = in ? value - origin : 0.0f;
            total[lane] += step;
            square[lane] += step * step;
            inside[lane] += in;
        }
    double sum = 0.0, sum_of_squares = 0.0;
    int32_t number = 0;
    for (int lane = 0; lane < LANES; lane++) {
        sum += (double)total[lane];
        sum_of_squares += (double)square[lane];
        number += inside[lane];
    }
    Moments found = {NAN, NAN, number};
    if (number > 0) {
        double mean = sum / number, variance = sum_of_squares / number - mean * mean;
        found.mean = (double)origin + mean;
        found.sigma = variance > 0.0 ? sqrt(variance) : 0.0;
    }
    return found;
}

typedef struct {
    int32_t counts[BINS];
    double start, step;
} Histogram;

static void fill_histogram(Histogram *histogram, const float *values, ptrdiff_t count, double mean,
                           double sigma)
{
    memset(histogram->counts, 0, sizeof histogram->counts);
    histogram->start = mean - BIN_REACH * sigma;
    histogram->step = 2.0 * BIN_REACH * sigma / BINS;
    float start = (float)histogram->start, per_unit = (float)(1.0 / histogram->step);
    for (ptrdiff_t i = 0; i < count; i++) {
        float bin = (values[i] - start) * per_unit;
        if (bin >= 0.0f && bin < (float)BINS)
            histogram->counts[(int32_t)bin]++;
    }
}

/* Return the median of the bins from first to end, which have ``count`` values. The values of a bin
 * are spread evenly up to half the distance to the next ones that have any: in a picture of whole
 * numbers the median would else be one of them, and the mode off by up to 0.75. */
static double median_bin(const Histogram *histogram, int32_t first, int32_t end, int64_t count)
{
    const int32_t *counts = histogram->counts;
    double half = 0.5 * (double)count, below = 0.0;
    int32_t middle = first;
    while (middle + 1 < end && below + counts[middle] < half)
        below += counts[middle++];
    int32_t before = middle - 1, after = middle + 1;
    while (before >= first && counts[before] == 0)
        before--;
    while (after < end && counts[after] == 0)
        after++;
    double low = before >= first ? 0.5 * (before + middle + 1) : middle;
    double high = after < end ? 0.5 * (middle + after + 1) : middle + 1;
    double share = counts[middle] > 0 ? (half - below) / counts[middle] : 0.5;
    return low + (high - low) * share;
}

/* Clip until the scatter settles; write mode and scatter in bins. */
static void clip(const Histogram *histogram, double *mode, double *scatter)
{
    int32_t first = 0, end = BINS;
    double sigma = BINS, before = 0.0, mean = 0.0, median = 0.0;
    for (int cut = 0; cut < MOST_CUTS; cut++) {
        int64_t count = 0;
        double total = 0.0, square = 0.0;
        for (int32_t bin = first; bin < end; bin++) {
            double number = histogram->counts[bin], place = bin + 0.5;
            count += histogram->counts[bin];
            total += number * place;
            square += number * place * place;
        }
        if (count == 0)
            break;
        mean = total / (double)count;
        double variance = square / (double)count - mean * mean;
        before = sigma;
        sigma = variance > 0.0 ? sqrt(variance) : 0.0;
        median = median_bin(histogram, first, end, count);
        if (fabs(before - sigma) <= SETTLED * before)
            break;
        double low = floor(median - CUT * sigma), high = ceil(median + CUT * sigma);
        first = low > 0.0 ? (int32_t)low : 0;
        end = high < (double)BINS ? (int32_t)high : BINS;
    }
    int crowded = !(fabs(mean - median) < CROWDED * sigma);
    *mode = crowded ? median : 2.5 * median - 1.5 * mean;
    *scatter = sigma;
}

static int all_count(const float *row, const uint8_t *uncovered, ptrdiff_t columns)
{
    int32_t bad = 0;
    for (ptrdiff_t x = 0; x < columns; x++)
        bad |= (uncovered[x] != 0) | !(fabsf(row[x]) < INFINITY);
    return !bad;
}

/* Collect the values of a box that count: covered, and numbers. They are padded with NaN. */
static ptrdiff_t values_of(const float *picture, const uint8_t *uncovered, ptrdiff_t width,
                           ptrdiff_t rows, ptrdiff_t columns, float *values)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t y = 0; y < rows; y++) {
        const float *row = picture + y * width;
        const uint8_t *mask = uncovered + y * width;
        if (all_count(row, mask, columns)) {
            memcpy(values + count, row, (size_t)columns * sizeof *row);
            count += columns;
            continue;
        }
        for (ptrdiff_t x = 0; x < columns; x++) {
            values[count] = row[x];
            count += !mask[x] && fabsf(row[x]) < INFINITY;
        }
    }
    for (ptrdiff_t i = count; i < (count + LANES - 1) / LANES * LANES; i++)
        values[i] = NAN;
    return count;
}

static void box_sky(const float *values, ptrdiff_t count, double *level, double *rms)
{
    Moments rough = moments_within(values, count < LANES ? count : LANES, -INFINITY, INFINITY, values[0]);
    Moments all = moments_within(values, count, -INFINITY, INFINITY, (float)rough.mean);
    Moments cut = moments_within(values, count, (float)(all.mean - FIRST_CUT * all.sigma),
                                 (float)(all.mean + FIRST_CUT * all.sigma), (float)all.mean);
    if (!(cut.sigma > 0.0)) {
        /* One value, and some others: noise of less than a step of whole numbers. */
        *level = cut.count > 0 ? cut.mean : all.mean;
        *rms = all.sigma;
        return;
    }
    Histogram histogram;
    fill_histogram(&histogram, values, count, cut.mean, cut.sigma);
    double mode, scatter;
    clip(&histogram, &mode, &scatter);
    *level = histogram.start + mode * histogram.step;
    *rms = scatter * histogram.step;
}

/* Measure sky and scatter of boxes, (rows, columns) each; NaN where less than half of a box counts.
 * ``values`` is scratch for the pixels of a box, and LANES more. */
EXPORT void crowdsky_box_skies(const float *picture, const uint8_t *uncovered, ptrdiff_t height,
                               ptrdiff_t width, ptrdiff_t box, double *levels, double *rms,
                               float *values)
{
    ptrdiff_t columns = (width + box - 1) / box;
    for (ptrdiff_t y = 0; y < height; y += box)
        for (ptrdiff_t x = 0; x < width; x += box) {
            ptrdiff_t in_rows = height - y < box ? height - y : box;
            ptrdiff_t in_columns = width - x < box ? width - x : box;
            ptrdiff_t at = y / box * columns + x / box, start = y * width + x;
            ptrdiff_t count = values_of(picture + start, uncovered + start, width, in_rows,
                                        in_columns, values);
            levels[at] = rms[at] = NAN;
            if (2 * count >= in_rows * in_columns)
                box_sky(values, count, levels + at, rms + at);
        }
}

/* Compute the second derivatives of the natural cubic spline through values at 0, 1, 2 and so on,
 * each ``stride`` numbers after the one before; ``scratch`` has room for ``count``. */
static void second_derivatives(const double *values, ptrdiff_t count, ptrdiff_t stride,
                               double *bend, double *scratch)
{
    bend[0] = scratch[0] = 0.0;
    for (ptrdiff_t i = 1; i + 1 < count; i++) {
        double ahead = values[(i + 1) * stride], behind = values[(i - 1) * stride];
        double share = 1.0 / (0.5 * bend[(i - 1) * stride] + 2.0);
        bend[i * stride] = -0.5 * share;
        scratch[i] = (3.0 * (ahead - 2.0 * values[i * stride] + behind) - 0.5 * scratch[i - 1]) * share;
    }
    bend[(count - 1) * stride] = 0.0;
    for (ptrdiff_t i = count - 2; i >= 0; i--)
        bend[i * stride] = bend[i * stride] * bend[(i + 1) * stride] + scratch[i];
}

/* Return the box whose middle is before a pixel, at most the last but one: beyond the middle of the
 * outermost boxes, the last piece of the spline goes on. */
static ptrdiff_t box_before(ptrdiff_t pixel, ptrdiff_t box, ptrdiff_t count)
{
    ptrdiff_t before = (2 * pixel + 1 - box) / (2 * box);
    before = 2 * pixel + 1 < box ? 0 : before;
    return before > count - 2 ? count - 2 : before;
}

/* Return how far a pixel is from the middle of a box, in boxes. */
static double after_middle(ptrdiff_t pixel, ptrdiff_t box, ptrdiff_t before)
{
    return ((double)pixel + 0.5) / (double)box - 0.5 - (double)before;
}

/* Interpolate a line of the mesh, at row y of the picture. */
static void line_of(const double *mesh, const double *bends, ptrdiff_t rows, ptrdiff_t columns,
                    ptrdiff_t box, ptrdiff_t y, double *line)
{
    if (rows == 1) {
        memcpy(line, mesh, (size_t)columns * sizeof *line);
        return;
    }
    ptrdiff_t before = box_before(y, box, rows);
    double after = after_middle(y, box, before), rest = 1.0 - after;
    double low = (rest * rest * rest - rest) / 6.0, high = (after * after * after - after) / 6.0;
    const double *here = mesh + before * columns, *bend = bends + before * columns;
    for (ptrdiff_t x = 0; x < columns; x++)
        line[x] = rest * here[x] + after * here[x + columns] + low * bend[x] +
                  high * bend[x + columns];
}

/* Write the piece of a line's spline that follows the middle of a box, from pixel x to end. */
static void write_piece(const double *line, const double *bend, ptrdiff_t before, ptrdiff_t box,
                        ptrdiff_t x, ptrdiff_t end, float *row)
{
    double here = line[before], next = line[before + 1];
    double at_here = bend[before] / 6.0, at_next = bend[before + 1] / 6.0;
    float steps[4] = {(float)here, (float)(next - here - 2.0 * at_here - at_next),
                      (float)(3.0 * at_here), (float)(at_next - at_here)};
    float first = (float)after_middle(0, box, before), step = (float)(1.0 / (double)box);
    for (; x < end; x++) {
        float t = fmaf((float)(int32_t)x, step, first);
        row[x] = fmaf(fmaf(fmaf(steps[3], t, steps[2]), t, steps[1]), t, steps[0]);
    }
}

/* Write the bicubic natural spline through a mesh of boxes, (rows, columns), at every pixel.
 * ``scratch`` has room for rows * columns + 2 * columns + max(rows, columns) numbers. */
EXPORT void crowdsky_spread_mesh(const double *mesh, ptrdiff_t rows, ptrdiff_t columns,
                                 ptrdiff_t box, float *out, ptrdiff_t height, ptrdiff_t width,
                                 double *scratch)
{
    double *bends = scratch, *line = bends + rows * columns, *bend = line + columns;
    double *work = bend + columns;
    for (ptrdiff_t x = 0; x < columns; x++)
        second_derivatives(mesh + x, rows, columns, bends + x, work);
    for (ptrdiff_t y = 0; y < height; y++) {
        float *row = out + y * width;
        line_of(mesh, bends, rows, columns, box, y, line);
        second_derivatives(line, columns, 1, bend, work);
        for (ptrdiff_t x = 0; columns == 1 && x < width; x++)
            row[x] = (float)line[0];
        for (ptrdiff_t before = 0; before + 1 < columns; before++) {
            ptrdiff_t first = before == 0 ? 0 : before * box + box / 2;
            ptrdiff_t end = before + 2 == columns ? width : (before + 1) * box + box / 2;
            write_piece(line, bend, before, box, first, end < width ? end : width, row);
        }
    }
}
