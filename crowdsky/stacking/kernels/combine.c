/* The clipped mean, which combines the samples of many frames into a pixel; combine.py describes
 * the arguments.
 *
 * All samples of a block of pixels are averaged, and a few pixels are marked as suspicious, in
 * loops that the compiler vectorises (average.c, suspects.c). Only those are examined closely
 * (reject.c).
 */
#include <string.h>

#include "crowdsky/stacking/kernels/block.h"
#include "crowdsky/stacking/kernels/median.h"

#define GROWTH_PX 2

/* Store means, in numbers, and variances of a plane. */
static void store(const Band *band, ptrdiff_t row, ptrdiff_t plane, const Block *block)
{
    float *mean = mean_at(band, row, plane, block->x);
    float *variance = band->stack.variance + (mean - band->stack.planes);
    float dark = (float)band->stack.sky[plane];
    const float *of_sky = block->of_sky[plane], *of_light = block->of_light[plane];
    memcpy(mean, block->mean, (size_t)block->count * sizeof *mean);
    /* LIT sigma, in numbers. */
    float sigmas = (float)(LIT * LIT / (band->samples.step * band->samples.step));
    for (ptrdiff_t x = 0; x < block->count; x++) {
        float light = larger(block->mean[x] - dark, 0.0f);
        float of_pixel = light * light > sigmas * of_sky[x] ? light * of_light[x] : 0.0f;
        variance[x] = of_sky[x] + of_pixel;
    }
}

/* Average the samples of a plane alike. */
static void equal_shares(Block *block)
{
    memset(block->mean, 0, sizeof block->mean);
    for (ptrdiff_t k = 0; k < block->n_parts; k++) {
        Part part = block->parts[k];
        for (ptrdiff_t x = part.first; x < part.end; x++)
            block->mean[x] += block->samples[k * BLOCK + x];
    }
    for (ptrdiff_t x = 0; x < block->count; x++)
        block->mean[x] /= block->seen[x] > 0 ? (float)block->seen[x] : 1.0f;
}

/* Average the samples of a block and mark its outliers. */
static void combine_block(const Band *band, ptrdiff_t row, const Limits *limits, Block *block)
{
    int clips = limits != NULL, few = 0, many = 0;
    const float *near = band->stack.near + ((band->first + row) >> 1) * band->stack.near_stride;
    float inverse = (float)(1.0 / band->samples.step);
    memcpy(band->stack.footprint + in_picture(band, row) + block->x, block->seen,
           (size_t)block->count * sizeof block->seen[0]);
    for (ptrdiff_t x = 0; clips && x < block->count; x++) {
        block->near[x] = near[(block->x + x) >> 1] * inverse;
        few |= block->seen[x] <= FEW;
        many |= block->seen[x] > FEW;
    }
    for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
        crowdsky_gather(band, row, plane, block);
        if (block->feathered) {
            crowdsky_average_feathered(band, block);
            store(band, row, plane, block);
            /* Outliers are judged about a mean in which no sample counts far more than others. */
            if (clips)
                equal_shares(block);
        } else {
            crowdsky_average(band, block);
            store(band, row, plane, block);
        }
        if (!clips)
            continue;
        ptrdiff_t count = crowdsky_suspects(band, plane, limits, block, few, many);
        crowdsky_reject(band, row, plane, band->columns, count);
    }
}

/* Return whether all frames that cover any of a row cover its columns x0 to x1. */
static int in_core(const Band *band, ptrdiff_t row, ptrdiff_t x0, ptrdiff_t x1)
{
    for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
        const int32_t *in = span_of(&band->samples, row, frame);
        if (in[0] < in[1] && (in[0] > x0 || in[1] < x1))
            return 0;
    }
    return 1;
}

static void combine_row(const Band *band, ptrdiff_t row, const Limits *limits, Block *block)
{
    int known = 0;
    for (ptrdiff_t x = 0; x < band->samples.width; x += BLOCK) {
        block->x = x;
        block->count = band->samples.width - x < BLOCK ? band->samples.width - x : BLOCK;
        /* In the middle all frames see all pixels, and a block is like the one before. */
        int core = band->stack.edges == NULL && in_core(band, row, x, x + block->count);
        if (!core || !known) {
            crowdsky_find_parts(band, row, block);
            crowdsky_find_shares(band, row, block);
            if (block->feathered)
                crowdsky_fill_feathered(band, block);
            else
                crowdsky_fill_terms(band, block);
        } else if (block->count < BLOCK) {
            crowdsky_find_parts(band, row, block);
        }
        known = core;
        combine_block(band, row, limits, block);
    }
}

/* Convert the means of a row from numbers to ADU. */
static void restore(const Band *band, ptrdiff_t row)
{
    float step = (float)band->samples.step, zero = (float)band->samples.zero;
    const int32_t *seen = band->stack.footprint + in_picture(band, row);
    for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
        float *mean = mean_at(band, row, plane, 0);
        for (ptrdiff_t x = 0; x < band->samples.width; x++)
            mean[x] = seen[x] > 0 ? mean[x] * step + zero : 0.0f;
    }
}

/* Growth and the last averaging follow a few rows behind, while their samples are still in the
 * cache. */
static void combine_rows(const Band *band, const Limits *limits, Block *block)
{
    for (ptrdiff_t row = 0; row < band->n_rows + 2 * GROWTH_PX; row++) {
        ptrdiff_t core = row - GROWTH_PX, done = row - 2 * GROWTH_PX;
        if (row < band->n_rows) {
            combine_row(band, row, limits, block);
            if (limits)
                crowdsky_take_out(band, row, OUTLIER);
        }
        if (limits && core >= 0 && core < band->n_rows)
            crowdsky_grow(band, core);
        if (done < 0)
            continue;
        if (limits) {
            crowdsky_take_out(band, done, FLANK);
            crowdsky_settle(band, done);
        }
        restore(band, done);
    }
}

EXPORT void crowdsky_combine_band(const Stack *stack, const Samples *samples, ptrdiff_t row,
                                  ptrdiff_t n_rows, ptrdiff_t first, uint8_t *rejected,
                                  uint8_t *touched, int32_t *integers, float *floats)
{
    Band band = {
        .stack = *stack, .samples = samples_from(samples, row), .n_rows = n_rows, .first = first,
        .rejected = rejected, .touched = touched, .columns = integers, .list = floats,
    };
    ptrdiff_t n_frames = band.samples.n_frames;
    ptrdiff_t room = (n_frames + MEDIAN_STEP - 1) / MEDIAN_STEP * MEDIAN_STEP;
    Block block = {.parts = (Part *)(integers + band.samples.width), .samples = floats + room};
    Limits limits = {.allowed = block.samples + n_frames * BLOCK};
    block.shares = limits.allowed + n_frames * band.samples.n_planes;
    int clips = stack->limit > 0.0 && n_frames > 1;
    if (clips)
        crowdsky_find_limits(&band, &limits);
    memset(touched, 0, (size_t)(n_rows * band.samples.width));
    combine_rows(&band, clips ? &limits : NULL, &block);
}
