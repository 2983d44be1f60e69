/* Finds the pixels of a block that may have an outlier, in fast tests that few pass; those are
 * examined closely in reject.c. */
#include "crowdsky/stacking/kernels/block.h"

/* Share of the limit about the mean from which a sample makes its pixel suspicious. */
#define SUSPICION 0.93

void crowdsky_find_limits(const Band *band, Limits *limits)
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
static ptrdiff_t suspects_of_mean(const Band *band, ptrdiff_t plane, const Limits *limits,
                                  Block *block)
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

/* As suspects_of_mean, if the block has `n` samples everywhere, 3 to FEW. Those that are spread too
 * widely are also compared with their median, as in reject.c, with a little to spare for the
 * rounding. */
static inline __attribute__((always_inline)) ptrdiff_t
suspects_of_few(int n, const Band *band, ptrdiff_t plane, const Limits *limits, Block *block)
{
    const float *restrict samples = block->samples, *restrict near = block->near;
    const float *restrict mean = block->mean;
    float dark = (float)band->stack.sky[plane], shot = (float)band->stack.shot[plane];
    float square = (float)(band->stack.ripple * band->stack.ripple), quiet[FEW];
    float limit = (float)(band->stack.limit * band->stack.limit), reach = 0.9999f * limit;
    /* Of all frames: those that cover other pixels of the row only do not decide about these. */
    float least = limits->quiet[plane];
    for (int k = 0; k < n; k++)
        quiet[k] = band->stack.variances[plane * band->samples.n_frames + block->parts[k].frame];
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

ptrdiff_t crowdsky_suspects(const Band *band, ptrdiff_t plane, const Limits *limits, Block *block,
                            int few, int many)
{
    if (block->whole && block->n_parts == 3)
        return suspects_of_few(3, band, plane, limits, block);
    if (block->whole && block->n_parts == 4)
        return suspects_of_few(4, band, plane, limits, block);
    if (block->whole && block->n_parts == 5)
        return suspects_of_few(5, band, plane, limits, block);
    if (block->whole && block->n_parts == 6)
        return suspects_of_few(6, band, plane, limits, block);
    if (many)
        judge_all(limits->allowed + plane * band->samples.n_frames, block);
    if (few)
        judge_few(block);
    return suspects_of_mean(band, plane, limits, block);
}
