/* Common to the loops that measure one frame; see frame.py.
 *
 * All work on the raw mosaic, float (height, width) ADU. A cell is one of the four positions in the
 * 2x2 colour pattern, numbered 2 * (row & 1) + (column & 1).
 *
 * Sums over many pixels are kept in LANES partial sums, pixel x in lane x % LANES, so that they are
 * the same with vectors of any length. LANES is even: a lane has pixels of one colour.
 */
#ifndef CROWDSKY_FRAME_H
#define CROWDSKY_FRAME_H

#include <string.h>

#include "crowdsky/base/compiled.h"

#define LANES 16

/* A part of the lanes: as many as a register of this processor has. */
#if defined(__AVX512F__)
#define PART 16
#elif defined(__AVX__)
#define PART 8
#else
#define PART 4
#endif
#define PARTS (LANES / PART)
typedef float Floats __attribute__((vector_size(4 * PART)));
typedef int32_t Ints __attribute__((vector_size(4 * PART)));

static inline float larger(float a, float b) { return a > b ? a : b; }
static inline float smaller(float a, float b) { return a < b ? a : b; }
static inline double most(double a, double b) { return a > b ? a : b; }
static inline double least_of(double a, double b) { return a < b ? a : b; }

#endif
