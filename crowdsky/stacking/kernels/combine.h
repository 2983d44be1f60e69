/* What the parts of the clipped mean share. */
#ifndef CROWDSKY_COMBINE_H
#define CROWDSKY_COMBINE_H

#include "crowdsky/stacking/kernels/samples.h"

#define MAX_PLANES 3
/* Light in sigma of the pixel from which it adds to the variance: what is less is mostly noise, and
 * a variance that follows the noise of its own pixel would favour the fainter ones. */
#define LIT 3.0
/* Largest number of rejected samples that is counted. */
#define MOST 255
/* Number of coefficients of a frame's edges, EDGES of combine.py: for each of its four edges what a
 * pixel's distance from it is per x and per y of the picture, and at its origin, relative to the
 * width of the feather. */
#define EDGES 12
/* Least share of its weight that a sample at the edge of a feathered frame keeps. */
#define LEAST_SHARE 0.02f
/* Marks of a rejected sample, by the reason; and of a pixel, for the last thing that happened. */
enum { OUTLIER = 1, FLANK = 2 };

/* The frames, the rules and the picture, as Python gives them: _Stack of combine.py. */
typedef struct {
    const float *weights;   /* (frames,) */
    const float *variances; /* (planes, frames) */
    const double *terms;    /* (1 + 2 planes, frames) */
    const double *sky, *shot, *shares; /* (planes,) */
    const float *near;      /* cells of 2 x 2 pixels of the picture, ADU */
    const double *edges;    /* (frames, EDGES); NULL without feathers */
    float *planes, *variance; /* (planes, height, width) */
    int32_t *footprint;     /* (height, width) */
    uint8_t *gone;          /* likewise */
    float *lost;            /* likewise */
    double limit, ripple;
    ptrdiff_t height, near_stride;
} Stack;

/* A band of it. */
typedef struct {
    Stack stack;
    Samples samples;
    ptrdiff_t n_rows, first; /* rows of the band; the picture's row that is the first of them */
    uint8_t *rejected;       /* (rows, frames, width), marks of samples */
    uint8_t *touched;        /* (rows, width), marks of pixels */
    int32_t *columns;        /* (width,), scratch */
    float *list;             /* scratch for a median of all frames */
} Band;

static inline uint8_t *mark_of(const Band *band, ptrdiff_t row, ptrdiff_t frame, ptrdiff_t x)
{
    return band->rejected + (row * band->samples.n_frames + frame) * band->samples.width + x;
}

/* The mean of a pixel, in numbers of the samples until its row is finished. */
static inline float *mean_at(const Band *band, ptrdiff_t row, ptrdiff_t plane, ptrdiff_t x)
{
    return band->stack.planes + (plane * band->stack.height + band->first + row) * band->samples.width + x;
}

static inline ptrdiff_t in_picture(const Band *band, ptrdiff_t row)
{
    return (band->first + row) * band->samples.width;
}

/* Light of stars within reach of a pixel, in numbers. */
static inline float near_at(const Band *band, ptrdiff_t row, ptrdiff_t x)
{
    float light = band->stack.near[((band->first + row) >> 1) * band->stack.near_stride + (x >> 1)];
    return light * (float)(1.0 / band->samples.step);
}

/* Return the share of its weight that a sample has: it grows from the edge of its frame inwards. */
static inline float share_at(const Band *band, ptrdiff_t row, ptrdiff_t frame, ptrdiff_t x)
{
    if (band->stack.edges == NULL)
        return 1.0f;
    const double *edge = band->stack.edges + frame * EDGES;
    double least = 1.0, y = (double)(band->first + row);
    for (ptrdiff_t k = 0; k < EDGES; k += 3) {
        double inside = edge[k] * (double)x + edge[k + 1] * y + edge[k + 2];
        least = inside < least ? inside : least;
    }
    float share = (float)least;
    return share > LEAST_SHARE ? share : LEAST_SHARE;
}

/* Return the variance of a sample due to light, beyond that of the sky.
 *
 * `shot` is the variance per ADU of light in the pixel; the shape of stars, seeing and registration
 * scatter the light near by, by the share `ripple` of it. */
static inline double extra_variance(const Band *band, ptrdiff_t plane, double level, double near)
{
    double light = level - band->stack.sky[plane];
    light = light > 0.0 ? light : 0.0;
    double moved = band->stack.ripple * (light > near ? light : near);
    return band->stack.shot[plane] * light + moved * moved;
}

/* Examine suspicious columns of a plane closely, and mark outliers in `rejected` and `touched`. */
void crowdsky_reject(const Band *band, ptrdiff_t row, ptrdiff_t plane, const int32_t *columns,
                     ptrdiff_t count);
/* Write the columns of a row where `touched` has any of the bits to band->columns; how many. */
ptrdiff_t crowdsky_columns_with(const Band *band, ptrdiff_t row, int bits);
/* Mark the flanks of the outliers in a row. */
void crowdsky_grow(const Band *band, ptrdiff_t row);
/* Remove the samples of a row that were rejected for one reason from the means. */
void crowdsky_take_out(const Band *band, ptrdiff_t row, int why);
/* Count rejected samples of a row, compute the variance without them, and clear their marks. */
void crowdsky_settle(const Band *band, ptrdiff_t row);

#endif
