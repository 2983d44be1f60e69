/* A block of pixels, which are averaged and judged together. */
#ifndef CROWDSKY_BLOCK_H
#define CROWDSKY_BLOCK_H

#include "crowdsky/stacking/kernels/combine.h"

/* Number of pixels that are averaged at a time: their samples stay in the cache. */
#define BLOCK 128
/* Number of samples up to which two outliers can hide in the mean: their spread is judged
 * instead. */
#define FEW 6

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
    int feathered;  /* a part has pixels in the feather of its frame */
    float *shares;  /* (parts, BLOCK), of their weights, if it is feathered */
    float mean[BLOCK], excess[BLOCK], low[BLOCK], near[BLOCK];
    int32_t seen[BLOCK];
    /* 1 / sum of the weights; and the variance of the mean by the sky, and by an ADU of light, per
     * plane, in numbers. */
    float share[BLOCK], of_sky[MAX_PLANES][BLOCK], of_light[MAX_PLANES][BLOCK];
} Block;

/* What does not depend on the row. */
typedef struct {
    float *allowed; /* (planes, frames), squares: see judge_all of suspects.c */
    float reach[MAX_PLANES], quiet[MAX_PLANES]; /* squares, and variances */
} Limits;

static inline float larger(float one, float other) { return one > other ? one : other; }
static inline float smaller(float one, float other) { return one < other ? one : other; }

/* Find the frames that have pixels in the block. */
void crowdsky_find_parts(const Band *band, ptrdiff_t row, Block *block);
/* Compute shares and variances per pixel from the sums over the frames that cover it. */
void crowdsky_fill_terms(const Band *band, Block *block);
/* Fill the shares of the weights that the parts have; block->feathered says whether all are 1. */
void crowdsky_find_shares(const Band *band, ptrdiff_t row, Block *block);
/* Compute shares and variances per pixel like crowdsky_fill_terms, for a feathered block. */
void crowdsky_fill_feathered(const Band *band, Block *block);
/* Compute the means of a plane with feathers. */
void crowdsky_average_feathered(const Band *band, Block *block);
/* Gather the samples of a plane. */
void crowdsky_gather(const Band *band, ptrdiff_t row, ptrdiff_t plane, Block *block);
/* Compute the weighted means of a plane; 0 where no frame is. */
void crowdsky_average(const Band *band, Block *block);

/* Compute the limits of the distance from the mean, which a sample attracts by its weight. */
void crowdsky_find_limits(const Band *band, Limits *limits);
/* Write the columns of a block that may have an outlier to band->columns; returns their number.
 *
 * `few` says whether a pixel of the block has at most FEW samples, `many` whether one has more. */
ptrdiff_t crowdsky_suspects(const Band *band, ptrdiff_t plane, const Limits *limits, Block *block,
                            int few, int many);

#endif
