/* Finds outliers among the samples of a row, and removes them from the means.
 *
 * A sample is rejected if it is further from the others than the noise of its frame allows. The
 * noise is known beforehand, from the sky noise of the frame and the light of the pixel. So this
 * works with three frames as with three hundred, and no scatter has to be estimated from the
 * samples that are judged.
 */
#include "crowdsky/stacking/kernels/combine.h"
#include "crowdsky/stacking/kernels/median.h"

#define GROWTH_PX 2
/* Deviation in sigma from which the flanks of a trail are rejected, too: they are below the limit,
 * but deviate in the same direction as its core. */
#define GROWTH_SIGMA 1.7

/* Estimate what the samples of a pixel should be; *error is the variance of that if it counts.
 *
 * It is the median; of two samples it is the one nearer to the sky, because outliers stand out from
 * it. */
static double centre_of(const Band *band, ptrdiff_t row, ptrdiff_t plane, ptrdiff_t x,
                        double *error)
{
    const float *variances = band->stack.variances + plane * band->samples.n_frames;
    ptrdiff_t count = 0;
    double worst = 0.0;
    for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
        if (!covers(&band->samples, row, frame, x))
            continue;
        band->list[count++] = sample_at(&band->samples, row, plane, frame, x);
        worst = variances[frame] > worst ? variances[frame] : worst;
    }
    *error = count == 2 ? worst : 0.0;
    if (count != 2)
        return crowdsky_middle_of(band->list, count);
    double sky = band->stack.sky[plane], one = band->list[0], other = band->list[1];
    return fabs(one - sky) < fabs(other - sky) ? one : other;
}

void crowdsky_reject(const Band *band, ptrdiff_t row, ptrdiff_t plane, const int32_t *columns,
                     ptrdiff_t count)
{
    const float *variances = band->stack.variances + plane * band->samples.n_frames;
    double square = band->stack.limit * band->stack.limit;
    for (ptrdiff_t index = 0; index < count; index++) {
        ptrdiff_t x = columns[index];
        double error, centre = centre_of(band, row, plane, x, &error);
        double extra = error + extra_variance(band, plane, centre, near_at(band, row, x));
        for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
            double off = sample_at(&band->samples, row, plane, frame, x) - centre;
            if (!(off * off > square * (variances[frame] + extra)) || !covers(&band->samples, row, frame, x))
                continue;
            /* Whatever crosses a frame (a trail, a cosmic ray) spoils all colours. */
            *mark_of(band, row, frame, x) = OUTLIER;
            band->touched[row * band->samples.width + x] = OUTLIER;
        }
    }
}

ptrdiff_t crowdsky_columns_with(const Band *band, ptrdiff_t row, int bits)
{
    ptrdiff_t width = band->samples.width, count = 0;
    const uint8_t *touched = band->touched + row * width;
    for (ptrdiff_t first = 0; first < width; first += 32) {
        ptrdiff_t end = first + 32 < width ? first + 32 : width;
        uint8_t any = 0;
        for (ptrdiff_t x = first; x < end; x++)
            any |= touched[x];
        for (ptrdiff_t x = first; (any & bits) && x < end; x++)
            if (touched[x] & bits)
                band->columns[count++] = (int32_t)x;
    }
    return count;
}

/* Return how many sigma a sample is above the mean of all frames, averaged over the planes. */
static double lean(const Band *band, ptrdiff_t row, ptrdiff_t frame, ptrdiff_t x)
{
    double near = near_at(band, row, x), total = 0.0;
    for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
        double middle = *mean_at(band, row, plane, x);
        double variance = band->stack.variances[plane * band->samples.n_frames + frame];
        double sigma = sqrt(variance + extra_variance(band, plane, middle, near));
        total += (sample_at(&band->samples, row, plane, frame, x) - middle) / sigma;
    }
    return total / (double)band->samples.n_planes;
}

static ptrdiff_t larger(ptrdiff_t one, ptrdiff_t other) { return one > other ? one : other; }
static ptrdiff_t smaller(ptrdiff_t one, ptrdiff_t other) { return one < other ? one : other; }

/* Mark the neighbours of an outlier that deviate in the same direction. */
static void grow_around(const Band *band, ptrdiff_t row, ptrdiff_t frame, ptrdiff_t x)
{
    double side = lean(band, row, frame, x) < 0.0 ? -1.0 : 1.0;
    ptrdiff_t end = smaller(band->n_rows, row + GROWTH_PX + 1);
    for (ptrdiff_t y = larger(0, row - GROWTH_PX); y < end; y++) {
        const int32_t *in = span_of(&band->samples, y, frame);
        ptrdiff_t right = smaller(in[1], x + GROWTH_PX + 1);
        for (ptrdiff_t beside = larger(in[0], x - GROWTH_PX); beside < right; beside++) {
            uint8_t *mark = mark_of(band, y, frame, beside);
            if (*mark == 0 && side * lean(band, y, frame, beside) > GROWTH_SIGMA) {
                *mark = FLANK;
                band->touched[y * band->samples.width + beside] = FLANK;
            }
        }
    }
}

void crowdsky_grow(const Band *band, ptrdiff_t row)
{
    ptrdiff_t count = crowdsky_columns_with(band, row, OUTLIER | FLANK);
    for (ptrdiff_t frame = 0; frame < (count > 0 ? band->samples.n_frames : 0); frame++)
        for (ptrdiff_t index = 0; index < count; index++)
            if (*mark_of(band, row, frame, band->columns[index]) == OUTLIER)
                grow_around(band, row, frame, band->columns[index]);
}

/* A pixel that would lose all samples keeps what it had: two that contradict each other. `lost`
 * grows by the light that a pixel loses. */
static void take_out_of(const Band *band, ptrdiff_t row, int why, ptrdiff_t x)
{
    double left = 0.0, gone = 0.0, sums[MAX_PLANES] = {0.0, 0.0, 0.0};
    for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
        int mark = *mark_of(band, row, frame, x);
        double share = band->stack.weights[frame] * share_at(band, row, frame, x);
        if (mark == why) {
            gone += share;
            for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++)
                sums[plane] += share * sample_at(&band->samples, row, plane, frame, x);
        } else if (mark == 0 && covers(&band->samples, row, frame, x)) {
            left += share;
        }
    }
    if (!(left > 0.0))
        return;
    float *lost = band->stack.lost + in_picture(band, row) + x;
    for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
        float *mean = mean_at(band, row, plane, x);
        double kept = ((left + gone) * *mean - sums[plane]) / left;
        *lost += (float)(band->samples.step * band->stack.shares[plane] * (*mean - kept));
        *mean = (float)kept;
    }
}

void crowdsky_take_out(const Band *band, ptrdiff_t row, int why)
{
    ptrdiff_t count = crowdsky_columns_with(band, row, why);
    for (ptrdiff_t index = 0; index < count; index++)
        take_out_of(band, row, why, band->columns[index]);
}

/* Add the terms of a sample, times `sign`, to their sums. */
static void add_terms(const Band *band, ptrdiff_t row, ptrdiff_t frame, ptrdiff_t x, double sign,
                      double *sums)
{
    double share = share_at(band, row, frame, x);
    for (ptrdiff_t term = 0; term < 1 + 2 * band->samples.n_planes; term++) {
        double counts = term == 0 ? share : share * share;
        sums[term] += sign * counts * band->stack.terms[term * band->samples.n_frames + frame];
    }
}

/* As in take_out_of, outliers go first and flanks after them, and neither leaves a pixel without a
 * sample. Returns the number of samples that went. */
static int leave_out(const Band *band, ptrdiff_t row, ptrdiff_t x, double *sums)
{
    int went = 0;
    for (int why = OUTLIER; why <= FLANK; why++) {
        int left = 0;
        for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
            int mark = *mark_of(band, row, frame, x);
            left += covers(&band->samples, row, frame, x) && (mark == 0 || mark > why);
        }
        for (ptrdiff_t frame = 0; left > 0 && frame < band->samples.n_frames; frame++) {
            if (*mark_of(band, row, frame, x) != why)
                continue;
            add_terms(band, row, frame, x, -1.0, sums);
            went++;
        }
    }
    return went;
}

void crowdsky_settle(const Band *band, ptrdiff_t row)
{
    ptrdiff_t count = crowdsky_columns_with(band, row, OUTLIER | FLANK);
    for (ptrdiff_t index = 0; index < count; index++) {
        ptrdiff_t x = band->columns[index];
        double sums[1 + 2 * MAX_PLANES] = {0.0};
        for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++)
            if (covers(&band->samples, row, frame, x))
                add_terms(band, row, frame, x, 1.0, sums);
        int went = leave_out(band, row, x, sums);
        band->stack.gone[in_picture(band, row) + x] = (uint8_t)(went < MOST ? went : MOST);
        double square = sums[0] * sums[0];
        for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
            double of_sky = sums[1 + plane], of_light = sums[1 + band->samples.n_planes + plane];
            double light = *mean_at(band, row, plane, x) - band->stack.sky[plane];
            light = light > 0.0 ? light : 0.0;
            double lit = light * light * square > LIT * LIT * of_sky ? light * of_light : 0.0;
            band->stack.variance[mean_at(band, row, plane, x) - band->stack.planes] =
                (float)(band->samples.step * band->samples.step * (of_sky + lit) / square);
        }
        for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++)
            *mark_of(band, row, frame, x) = 0;
    }
}
