/* Parts of the warp that several sources share. */
#ifndef CROWDSKY_WARP_H
#define CROWDSKY_WARP_H

#include "crowdsky/base/compiled.h"

/* Number of reflected pixels on each side of a decoded band. */
#define MARGIN 8
/* Pixels that are computed at a time: loops run over multiples of it, so that the compiler needs
 * no code for a rest. Arrays have as much room behind their last pixel. */
#define STEP 32

static inline ptrdiff_t round_up(ptrdiff_t count, ptrdiff_t step)
{
    return (count + step - 1) / step * step;
}

/* Debayer columns left to left + count of a row: red, green and blue go to three rows of `out`,
 * each `stride` long. `row` points to the row's first pixel in a mosaic of rows of `columns`. */
void crowdsky_debayer_row(const float *row, ptrdiff_t columns, ptrdiff_t left, ptrdiff_t count,
                          int on_red_row, int red_column, float sharp, float *out,
                          ptrdiff_t stride);

/* As decode.py describes them. */
void crowdsky_decode_unsigned(const uint16_t *stored, ptrdiff_t rows, ptrdiff_t width, float *out,
                              ptrdiff_t stride);
void crowdsky_flip(float *pixels, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride, int flip_y,
                   int flip_x);
void crowdsky_repair(float *pixels, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride,
                     ptrdiff_t first_row, const int64_t *defect_y, const int64_t *defect_x,
                     ptrdiff_t count, ptrdiff_t step);
void crowdsky_frame_margins(float *band, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t top,
                            ptrdiff_t bottom);

#endif
