/* The clipped mean, which combines the samples of many frames into a pixel; combine.py describes
 * the arguments.
 *
 * All samples of a block of pixels are averaged, and a few pixels are marked as suspicious, in
 * loops that the compiler vectorises. Only those are examined closely (reject.c).
 */
#include "crowdsky/stacking/kernels/combine.h"
#include "crowdsky/stacking/kernels/median.h"

#include <string.h>

/* Number of pixels that are averaged at a time: their samples stay in the cache. */
#define BLOCK 128
/* Share of the limit about the mean from which a sample makes its pixel suspicious. */
#define SUSPICION 0.93
/* Number of samples up to which two outliers can hide in the mean: their spread is judged
 * instead. */
#define FEW 6
#define GROWTH_PX 2

/* A part of a frame in a block. */
typedef struct {
    int32_t frame, first, end;
} Part;

/* A block of pixels of a row. */
typedef struct {
    ptrdiff_t x, count;
    ptrdiff_t n_parts;
    Part *parts;
    int whole; /* every part has all of the block's pixels */
    float *samples; /* (parts, BLOCK) of one plane */
    float mean[BLOCK], excess[BLOCK], low[BLOCK], near[BLOCK];
    int32_t seen[BLOCK];
    /* 1 / sum of the weights; and the variance of the mean by the sky, and by an ADU of light, per
     * plane, in numbers. */
    float share[BLOCK], of_sky[MAX_PLANES][BLOCK], of_light[MAX_PLANES][BLOCK];
} Block;

/* What does not depend on the row. */
typedef struct {
    float *allowed; /* (planes, frames), squares: see judge_all */
    float reach[MAX_PLANES], quiet[MAX_PLANES]; /* squares, and variances */
} Limits;

static float larger(float one, float other) { return one > other ? one : other; }
static float smaller(float one, float other) { return one < other ? one : other; }

/* Find the frames that have pixels in the block. */
static void find_parts(const Band *band, ptrdiff_t row, Block *block)
{
    ptrdiff_t x0 = block->x, x1 = x0 + block->count, n = 0;
    block->whole = 1;
    for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
        const int32_t *in = span_of(&band->samples, row, frame);
        int32_t first = (int32_t)(in[0] > x0 ? in[0] - x0 : 0);
        int32_t end = (int32_t)((in[1] < x1 ? in[1] : x1) - x0);
        if (first >= end)
            continue;
        block->whole &= end - first == block->count;
        block->parts[n++] = (Part){(int32_t)frame, first, end};
    }
    block->n_parts = n;
}

/* Compute shares and variances per pixel from the sums over the frames that cover it. */
static void fill_terms(const Band *band, Block *block)
{
    ptrdiff_t n_terms = 1 + 2 * band->samples.n_planes, n_sums = block->whole ? 1 : block->count;
    double change[BLOCK + 1][1 + 2 * MAX_PLANES];
    int32_t more[BLOCK + 1];
    memset(change, 0, sizeof change[0] * (size_t)(n_sums + 1));
    memset(more, 0, sizeof more[0] * (size_t)(n_sums + 1));
    for (ptrdiff_t k = 0; k < block->n_parts; k++) {
        Part part = block->parts[k];
        ptrdiff_t end = block->whole ? 1 : part.end;
        more[part.first] += 1;
        more[end] -= 1;
        for (ptrdiff_t term = 0; term < n_terms; term++) {
            double value = band->stack.terms[term * band->samples.n_frames + part.frame];
            change[part.first][term] += value;
            change[end][term] -= value;
        }
    }
    double sums[1 + 2 * MAX_PLANES] = {0.0}, step = band->samples.step;
    int32_t seen = 0;
    for (ptrdiff_t x = 0; x < n_sums; x++) {
        seen += more[x];
        for (ptrdiff_t term = 0; term < n_terms; term++)
            sums[term] += change[x][term];
        double inverse = seen > 0 ? 1.0 / sums[0] : 0.0;
        block->seen[x] = seen;
        block->share[x] = (float)inverse;
        for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
            double scale = inverse * inverse * step * step;
            block->of_sky[plane][x] = (float)(sums[1 + plane] * scale);
            block->of_light[plane][x] = (float)(sums[1 + band->samples.n_planes + plane] * scale);
        }
    }
    for (ptrdiff_t x = n_sums; x < block->count; x++) {
        block->seen[x] = block->seen[0];
        block->share[x] = block->share[0];
        for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
            block->of_sky[plane][x] = block->of_sky[plane][0];
            block->of_light[plane][x] = block->of_light[plane][0];
        }
    }
}

static void widen(const int16_t *restrict source, ptrdiff_t count, float *restrict target)
{
    for (ptrdiff_t x = 0; x < count; x++)
        target[x] = (float)source[x];
}

/* Ask for the samples of the next plane or block early: they are in many places, and the processor
 * does not foresee which. */
static void ask_for(const Band *band, ptrdiff_t row, ptrdiff_t plane, ptrdiff_t frame, ptrdiff_t x)
{
    int next_block = plane + 1 == band->samples.n_planes;
    ptrdiff_t at = place_of(&band->samples, row, next_block ? 0 : plane + 1, frame) + x;
    ptrdiff_t size = band->samples.is_int16 ? 2 : 4;
    const char *next = (const char *)band->samples.values + (next_block ? at + BLOCK : at) * size;
    for (ptrdiff_t line = 0; line < BLOCK * size; line += 64)
        __builtin_prefetch(next + line);
}

/* Gather the samples of a plane. */
static void gather(const Band *band, ptrdiff_t row, ptrdiff_t plane, Block *block)
{
    for (ptrdiff_t k = 0; k < block->n_parts; k++) {
        Part part = block->parts[k];
        ptrdiff_t at = place_of(&band->samples, row, plane, part.frame) + block->x + part.first;
        ptrdiff_t count = part.end - part.first;
        float *target = block->samples + k * BLOCK + part.first;
        ask_for(band, row, plane, part.frame, block->x);
        if (band->samples.is_int16)
            widen((const int16_t *)band->samples.values + at, count, target);
        else
            memcpy(target, (const float *)band->samples.values + at, (size_t)count * sizeof *target);
    }
}

static void add_one(const float *restrict source, float weight, ptrdiff_t count,
                    float *restrict total)
{
    for (ptrdiff_t x = 0; x < count; x++)
        total[x] += weight * source[x];
}

static void add_four(const float *restrict source, const float weights[4], ptrdiff_t count,
                     float *restrict total)
{
    const float *restrict b = source + BLOCK, *restrict c = b + BLOCK, *restrict d = c + BLOCK;
    float wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
    for (ptrdiff_t x = 0; x < count; x++)
        total[x] = (total[x] + (wa * source[x] + wb * b[x])) + (wc * c[x] + wd * d[x]);
}

/* Compute the weighted means of a plane; 0 where no frame is. */
static void average(const Band *band, Block *block)
{
    float *total = block->mean;
    memset(total, 0, sizeof block->mean);
    ptrdiff_t k = 0;
    for (; block->whole && k + 4 <= block->n_parts; k += 4) {
        float weights[4];
        for (ptrdiff_t i = 0; i < 4; i++)
            weights[i] = band->stack.weights[block->parts[k + i].frame];
        add_four(block->samples + k * BLOCK, weights, block->count, total);
    }
    for (; k < block->n_parts; k++) {
        Part part = block->parts[k];
        add_one(block->samples + k * BLOCK + part.first, band->stack.weights[part.frame],
                part.end - part.first, total + part.first);
    }
    for (ptrdiff_t x = 0; x < block->count; x++)
        total[x] *= block->share[x];
}

static void raise_excess(const float *restrict source, const float *restrict mean, float allowed,
                         ptrdiff_t count, float *restrict excess)
{
    for (ptrdiff_t x = 0; x < count; x++) {
        float off = source[x] - mean[x];
        excess[x] = larger(excess[x], off * off - allowed);
    }
}

static void raise_excess_four(const float *restrict source, const float *restrict mean,
                              const float allowed[4], ptrdiff_t count, float *restrict excess)
{
    const float *restrict b = source + BLOCK, *restrict c = b + BLOCK, *restrict d = c + BLOCK;
    float la = allowed[0], lb = allowed[1], lc = allowed[2], ld = allowed[3];
    for (ptrdiff_t x = 0; x < count; x++) {
        float m = mean[x], p = source[x] - m, q = b[x] - m, r = c[x] - m, s = d[x] - m;
        float pq = larger(p * p - la, q * q - lb), rs = larger(r * r - lc, s * s - ld);
        excess[x] = larger(excess[x], larger(pq, rs));
    }
}

/* Compute how far the worst sample of each pixel exceeds the limit for the sky of its frame. */
static void judge_all(const float *allowed, Block *block)
{
    for (ptrdiff_t x = 0; x < BLOCK; x++)
        block->excess[x] = -INFINITY;
    ptrdiff_t k = 0;
    for (; block->whole && k + 4 <= block->n_parts; k += 4) {
        float four[4];
        for (ptrdiff_t i = 0; i < 4; i++)
            four[i] = allowed[block->parts[k + i].frame];
        raise_excess_four(block->samples + k * BLOCK, block->mean, four, block->count,
                          block->excess);
    }
    for (; k < block->n_parts; k++) {
        Part part = block->parts[k];
        raise_excess(block->samples + k * BLOCK + part.first, block->mean + part.first,
                     allowed[part.frame], part.end - part.first, block->excess + part.first);
    }
}

static void widen_range(const float *restrict source, ptrdiff_t count, float *restrict low,
                        float *restrict high)
{
    for (ptrdiff_t x = 0; x < count; x++) {
        low[x] = smaller(low[x], source[x]);
        high[x] = larger(high[x], source[x]);
    }
}

/* Set excess to the squared difference between the highest and the lowest sample of each pixel,
 * where there are few. */
static void judge_few(Block *block)
{
    float high[BLOCK];
    for (ptrdiff_t x = 0; x < BLOCK; x++) {
        block->low[x] = INFINITY;
        high[x] = -INFINITY;
    }
    for (ptrdiff_t k = 0; k < block->n_parts; k++) {
        Part part = block->parts[k];
        widen_range(block->samples + k * BLOCK + part.first, part.end - part.first,
                    block->low + part.first, high + part.first);
    }
    for (ptrdiff_t x = 0; x < block->count; x++) {
        float spread = high[x] - block->low[x];
        block->excess[x] = block->seen[x] <= FEW ? spread * spread : block->excess[x];
    }
}

/* Write the columns of a block that are odd to band->columns; returns their number. */
static ptrdiff_t columns_of(const Band *band, const Block *block, const int32_t *odd)
{
    int32_t some = 0;
    for (ptrdiff_t x = 0; x < block->count; x++)
        some |= odd[x];
    ptrdiff_t count = 0;
    for (ptrdiff_t x = 0; some && x < block->count; x++)
        if (odd[x])
            band->columns[count++] = (int32_t)(block->x + x);
    return count;
}

/* Unlike extra_variance, in single precision: that of `light`, which may be below 0. */
static inline float extra_of(float light, float near, float shot, float square)
{
    float positive = larger(light, 0.0f), moved = larger(positive, near);
    return positive * shot + square * (moved * moved);
}

/* Find the columns that may have an outlier; a fast test that few pass. */
static ptrdiff_t suspects(const Band *band, ptrdiff_t plane, const Limits *limits, Block *block)
{
    float dark = (float)band->stack.sky[plane], shot = (float)band->stack.shot[plane];
    float square = (float)(band->stack.ripple * band->stack.ripple), quiet = limits->quiet[plane];
    float reach = limits->reach[plane];
    float few_reach = (float)(band->stack.limit * band->stack.limit);
    int32_t odd[BLOCK];
    for (ptrdiff_t x = 0; x < block->count; x++) {
        float extra = extra_of(block->mean[x] - dark, block->near[x], shot, square);
        int few = block->seen[x] <= FEW;
        float allowed = few ? few_reach * (quiet + extra) : reach * extra;
        odd[x] = (block->excess[x] > allowed) & (block->seen[x] > 1);
    }
    return columns_of(band, block, odd);
}

/* Return the median of `n` samples, 3 to FEW, without a branch. */
static inline __attribute__((always_inline)) float middle_of(int n, const float *samples)
{
    float a = samples[0], b = samples[BLOCK], c = samples[2 * BLOCK];
    float low = smaller(a, b), high = larger(a, b);
    if (n == 3)
        return larger(low, smaller(high, c));
    float d = samples[3 * BLOCK];
    if (n < 6) {
        /* Of four, what is neither least nor most. */
        float one = larger(low, smaller(c, d)), other = smaller(high, larger(c, d));
        if (n == 4)
            return 0.5f * (one + other);
        float least = smaller(one, other), most = larger(one, other);
        return larger(least, smaller(most, samples[4 * BLOCK]));
    }
    /* Two times three in order, merged up to the third and the fourth. */
    float e = samples[4 * BLOCK], f = samples[5 * BLOCK];
    float a1 = smaller(low, c), c1 = larger(high, c), b1 = larger(low, smaller(high, c));
    float low2 = smaller(d, e), high2 = larger(d, e);
    float a2 = smaller(low2, f), c2 = larger(high2, f), b2 = larger(low2, smaller(high2, f));
    float third = smaller(smaller(c1, c2), smaller(larger(b1, a2), larger(a1, b2)));
    float fourth = smaller(larger(b1, b2), smaller(larger(c1, a2), larger(a1, c2)));
    return 0.5f * (third + fourth);
}

/* The same if the block has `n` samples everywhere, 3 to FEW. Those that are spread too widely are
 * also compared with their median, as in reject.c, with a little to spare for the rounding. */
static inline __attribute__((always_inline)) ptrdiff_t
suspects_of_few(int n, const Band *band, ptrdiff_t plane, Block *block)
{
    const float *restrict samples = block->samples, *restrict near = block->near;
    const float *restrict mean = block->mean;
    float dark = (float)band->stack.sky[plane], shot = (float)band->stack.shot[plane];
    float square = (float)(band->stack.ripple * band->stack.ripple), quiet[FEW];
    float limit = (float)(band->stack.limit * band->stack.limit), reach = 0.9999f * limit;
    float least = INFINITY;
    for (int k = 0; k < n; k++)
        quiet[k] = band->stack.variances[plane * band->samples.n_frames + block->parts[k].frame];
    for (int k = 0; k < n; k++)
        least = smaller(least, quiet[k]);
    int32_t odd[BLOCK];
    for (ptrdiff_t x = 0; x < block->count; x++) {
        float centre = middle_of(n, samples + x);
        float extra = extra_of(centre - dark, near[x], shot, square);
        float of_mean = extra_of(mean[x] - dark, near[x], shot, square);
        float low = samples[x], high = samples[x];
        int32_t some = 0;
        for (int k = 0; k < n; k++) {
            float sample = samples[k * BLOCK + x], off = sample - centre;
            low = smaller(low, sample);
            high = larger(high, sample);
            some |= off * off > reach * (quiet[k] + extra);
        }
        odd[x] = some & ((high - low) * (high - low) > limit * (least + of_mean));
    }
    return columns_of(band, block, odd);
}

static ptrdiff_t odd_columns(const Band *band, ptrdiff_t plane, const Limits *limits, Block *block,
                             int few, int many)
{
    if (block->whole && block->n_parts == 3)
        return suspects_of_few(3, band, plane, block);
    if (block->whole && block->n_parts == 4)
        return suspects_of_few(4, band, plane, block);
    if (block->whole && block->n_parts == 5)
        return suspects_of_few(5, band, plane, block);
    if (block->whole && block->n_parts == 6)
        return suspects_of_few(6, band, plane, block);
    if (many)
        judge_all(limits->allowed + plane * band->samples.n_frames, block);
    if (few)
        judge_few(block);
    return suspects(band, plane, limits, block);
}

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
        gather(band, row, plane, block);
        average(band, block);
        store(band, row, plane, block);
        if (!clips)
            continue;
        ptrdiff_t count = odd_columns(band, plane, limits, block, few, many);
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
        int core = in_core(band, row, x, x + block->count);
        if (!core || !known) {
            find_parts(band, row, block);
            fill_terms(band, block);
        } else if (block->count < BLOCK) {
            find_parts(band, row, block);
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

/* Compute the limits of the distance from the mean, which a sample attracts by its weight. */
static void find_limits(const Band *band, Limits *limits)
{
    float total = 0.0f, most = 0.0f;
    for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
        total += band->stack.weights[frame];
        most = larger(most, band->stack.weights[frame]);
    }
    double limit = SUSPICION * band->stack.limit, reach = limit * (1.0 - most / total);
    for (ptrdiff_t plane = 0; plane < band->samples.n_planes; plane++) {
        limits->quiet[plane] = INFINITY;
        limits->reach[plane] = (float)(reach * reach);
        for (ptrdiff_t frame = 0; frame < band->samples.n_frames; frame++) {
            float variance = band->stack.variances[plane * band->samples.n_frames + frame];
            double own = limit * (1.0 - band->stack.weights[frame] / total);
            limits->allowed[plane * band->samples.n_frames + frame] = (float)(own * own * variance);
            limits->quiet[plane] = smaller(limits->quiet[plane], variance);
        }
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
    int clips = stack->limit > 0.0 && n_frames > 1;
    if (clips)
        find_limits(&band, &limits);
    memset(touched, 0, (size_t)(n_rows * band.samples.width));
    combine_rows(&band, clips ? &limits : NULL, &block);
}
