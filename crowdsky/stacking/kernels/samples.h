/* The registered samples of a band. */
#ifndef CROWDSKY_SAMPLES_H
#define CROWDSKY_SAMPLES_H

#include "crowdsky/base/compiled.h"

/* _Samples of samples.py. */
typedef struct {
    void *values;     /* int16 or float (rows, planes, frames, stride) */
    int32_t *covered; /* (rows, frames, 2), the columns [first, end) that each frame covers */
    ptrdiff_t is_int16, n_planes, n_frames, stride, width;
    double step, zero; /* a sample is zero + step * number ADU */
} Samples;

/* Return the same samples from a row on. */
static inline Samples samples_from(const Samples *samples, ptrdiff_t row)
{
    Samples from = *samples;
    ptrdiff_t size = from.n_planes * from.n_frames * from.stride;
    if (from.is_int16)
        from.values = (int16_t *)from.values + row * size;
    else
        from.values = (float *)from.values + row * size;
    from.covered += row * from.n_frames * 2;
    return from;
}

static inline const int32_t *span_of(const Samples *samples, ptrdiff_t row, ptrdiff_t frame)
{
    return samples->covered + 2 * (row * samples->n_frames + frame);
}

static inline int covers(const Samples *samples, ptrdiff_t row, ptrdiff_t frame, ptrdiff_t x)
{
    const int32_t *in = span_of(samples, row, frame);
    return in[0] <= x && x < in[1];
}

static inline ptrdiff_t place_of(const Samples *samples, ptrdiff_t row, ptrdiff_t plane,
                                 ptrdiff_t frame)
{
    return ((row * samples->n_planes + plane) * samples->n_frames + frame) * samples->stride;
}

static inline float sample_at(const Samples *samples, ptrdiff_t row, ptrdiff_t plane,
                              ptrdiff_t frame, ptrdiff_t x)
{
    ptrdiff_t at = place_of(samples, row, plane, frame) + x;
    return samples->is_int16 ? (float)((const int16_t *)samples->values)[at]
                             : ((const float *)samples->values)[at];
}

#endif
