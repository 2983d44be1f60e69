/* What the two passes of the warp share. */
#ifndef CROWDSKY_PASSES_H
#define CROWDSKY_PASSES_H

#include "crowdsky/stacking/kernels/samples.h"
#include "crowdsky/stacking/kernels/warp.h"

/* Columns of the stack that are warped at a time, so that all that is between the passes stays in
 * the cache. */
#define TILE 384
#define TILE_STRIDE (TILE + 2 * STEP)

/* A frame as Python gives it: _Frame of warp.py. */
typedef struct {
    ptrdiff_t height, width;             /* as it is read, mirrored if need be */
    ptrdiff_t red_row, red_column;       /* parity; -1 for a monochrome sensor */
    ptrdiff_t flip_y, flip_x, n_defects; /* defects are those of the frame before it is mirrored */
    const int64_t *defect_y, *defect_x;
    double transform[6]; /* a, b, c, d, e, f from stack to frame pixels */
    double level[9], scale;
    float taps[16], sharp;
} Given;

typedef struct {
    const float *mosaic; /* with margins */
    ptrdiff_t columns, first, height, width;
    int red_row, red_column;
    float sharp;
    double a, b, c, d, e, f; /* from stack to frame pixels */
    float taps[4][4];        /* weights of four pixels, polynomials, lowest power first */
    int catmull_rom;
    ptrdiff_t n_planes;
} Frame;

/* Scratch, and what it holds. */
typedef struct {
    float *colours; /* (planes, colour_stride), a debayered row */
    ptrdiff_t colour_stride;
    float *line;    /* (planes, TILE_STRIDE), a row resampled along x */
    float *sheared; /* (rows, planes, TILE_STRIDE) */
    float *rest;    /* (TILE_STRIDE,), d * x - floor(d * x) */
    float *tilt;    /* (planes, TILE_STRIDE), sky that is subtracted, relative to column 0 */
    int32_t cuts[TILE + 1];  /* (pieces + 1,), columns where floor(d * x) changes */
    int64_t shift[TILE];     /* (pieces,), floor(d * x) */
    ptrdiff_t pieces;
    ptrdiff_t lowest, highest; /* sheared rows that are needed */
} Scratch;

/* The four weights of an interpolation. */
typedef struct {
    float w0, w1, w2, w3;
} Weights;

static inline float polynomial(const float tap[4], float t)
{
    return ((tap[3] * t + tap[2]) * t + tap[1]) * t + tap[0];
}

/* Return the weights of the pixels at -1, 0, 1 and 2 for a position t.
 *
 * Those of Catmull and Rom keep straight lines straight, so that two of them give the others, for
 * half of the work. */
static inline Weights weights_at(float t, int catmull_rom, const float taps[4][4])
{
    if (catmull_rom) {
        float u = 1.0f - t, h = 0.5f * t * u, a = h * u, b = h * t;
        return (Weights){-a, u + (a + a - b), t + (b + b - a), -b};
    }
    return (Weights){polynomial(taps[0], t), polynomial(taps[1], t), polynomial(taps[2], t),
                     polynomial(taps[3], t)};
}

/* A function for each number of planes and kind of taps, so that loops do not ask for them. */
#define SPECIALISE(function, frame, ...)                                             \
    do {                                                                             \
        if ((frame)->n_planes == 3 && (frame)->catmull_rom)                          \
            function(3, 1, (frame)->taps, __VA_ARGS__);                              \
        else if ((frame)->n_planes == 3)                                             \
            function(3, 0, (frame)->taps, __VA_ARGS__);                              \
        else if ((frame)->catmull_rom)                                               \
            function(1, 1, (frame)->taps, __VA_ARGS__);                              \
        else                                                                         \
            function(1, 0, (frame)->taps, __VA_ARGS__);                              \
    } while (0)

#define INLINE static inline __attribute__((always_inline)) void

/* Run the first pass for a tile of `count` columns. */
void crowdsky_first_pass(const Frame *frame, Scratch *scratch, ptrdiff_t tile, ptrdiff_t count);
/* Run the second pass for a row of a tile: columns x0 to x1 of the stack. */
void crowdsky_second_pass(const Frame *frame, const Given *given, const Scratch *scratch,
                          const Samples *to, ptrdiff_t index, ptrdiff_t row, double y,
                          ptrdiff_t tile, ptrdiff_t x0, ptrdiff_t x1);

#endif
