/* The weighted mean of a block of pixels, and what its frames contribute. */
#include <string.h>

#include "crowdsky/stacking/kernels/block.h"

void crowdsky_find_parts(const Band *band, ptrdiff_t row, Block *block)
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

void crowdsky_fill_terms(const Band *band, Block *block)
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

void crowdsky_gather(const Band *band, ptrdiff_t row, ptrdiff_t plane, Block *block)
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
            memcpy(target, (const float *)band->samples.values + at,
                   (size_t)count * sizeof *target);
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

void crowdsky_average(const Band *band, Block *block)
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
