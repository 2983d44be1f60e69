/* The weighted mean where frames end: their weights grow from their edges inwards, so that no step
 * shows where one more frame begins. */
#include <string.h>

#include "crowdsky/stacking/kernels/block.h"

void crowdsky_find_shares(const Band *band, ptrdiff_t row, Block *block)
{
    block->feathered = 0;
    if (band->stack.edges == NULL)
        return;
    /* The least of linear functions is concave: what is 1 at both ends is so between them. */
    for (ptrdiff_t k = 0; k < block->n_parts && !block->feathered; k++) {
        Part part = block->parts[k];
        block->feathered = share_at(band, row, part.frame, block->x + part.first) < 1.0f ||
                           share_at(band, row, part.frame, block->x + part.end - 1) < 1.0f;
    }
    if (!block->feathered)
        return;
    double y = (double)(band->first + row);
    for (ptrdiff_t k = 0; k < block->n_parts; k++) {
        Part part = block->parts[k];
        const double *edge = band->stack.edges + part.frame * EDGES;
        float *shares = block->shares + k * BLOCK;
        for (ptrdiff_t x = part.first; x < part.end; x++)
            shares[x] = 1.0f;
        for (ptrdiff_t i = 0; i < EDGES; i += 3) {
            float slope = (float)edge[i];
            float start = (float)(edge[i] * (double)block->x + edge[i + 1] * y + edge[i + 2]);
            for (ptrdiff_t x = part.first; x < part.end; x++)
                shares[x] = smaller(shares[x], start + slope * (float)x);
        }
        for (ptrdiff_t x = part.first; x < part.end; x++)
            shares[x] = larger(shares[x], LEAST_SHARE);
    }
}

void crowdsky_fill_feathered(const Band *band, Block *block)
{
    ptrdiff_t n_planes = band->samples.n_planes, n_frames = band->samples.n_frames;
    double sums[1 + 2 * MAX_PLANES][BLOCK];
    memset(sums, 0, sizeof sums);
    memset(block->seen, 0, sizeof block->seen);
    for (ptrdiff_t k = 0; k < block->n_parts; k++) {
        Part part = block->parts[k];
        const float *shares = block->shares + k * BLOCK;
        for (ptrdiff_t x = part.first; x < part.end; x++)
            block->seen[x] += 1;
        for (ptrdiff_t term = 0; term < 1 + 2 * n_planes; term++) {
            double value = band->stack.terms[term * n_frames + part.frame];
            for (ptrdiff_t x = part.first; x < part.end; x++) {
                double share = (double)shares[x];
                sums[term][x] += term == 0 ? share * value : share * share * value;
            }
        }
    }
    double step = band->samples.step;
    for (ptrdiff_t x = 0; x < block->count; x++) {
        double inverse = block->seen[x] > 0 ? 1.0 / sums[0][x] : 0.0;
        double scale = inverse * inverse * step * step;
        block->share[x] = (float)inverse;
        for (ptrdiff_t plane = 0; plane < n_planes; plane++) {
            block->of_sky[plane][x] = (float)(sums[1 + plane][x] * scale);
            block->of_light[plane][x] = (float)(sums[1 + n_planes + plane][x] * scale);
        }
    }
}

void crowdsky_average_feathered(const Band *band, Block *block)
{
    float *restrict total = block->mean;
    memset(total, 0, sizeof block->mean);
    for (ptrdiff_t k = 0; k < block->n_parts; k++) {
        Part part = block->parts[k];
        const float *restrict samples = block->samples + k * BLOCK;
        const float *restrict shares = block->shares + k * BLOCK;
        float weight = band->stack.weights[part.frame];
        for (ptrdiff_t x = part.first; x < part.end; x++)
            total[x] += weight * shares[x] * samples[x];
    }
    for (ptrdiff_t x = 0; x < block->count; x++)
        total[x] *= block->share[x];
}
