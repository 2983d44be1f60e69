/* Decodes, repairs and frames bands of raw pixels; decode.py describes the arguments. */
#include <string.h>

#include "crowdsky/stacking/kernels/warp.h"

/* FITS stores a signed big-endian number; flipping its highest bit adds 32768. */
static void decode_row(const uint16_t *restrict stored, ptrdiff_t width, float *restrict out)
{
    for (ptrdiff_t x = 0; x < width; x++) {
        uint16_t value = (uint16_t)((stored[x] >> 8) | (stored[x] << 8)) ^ 0x8000u;
        out[x] = (float)value;
    }
}

static void reverse(float *values, ptrdiff_t count)
{
    for (ptrdiff_t x = 0; x < count / 2; x++) {
        float swap = values[x];
        values[x] = values[count - 1 - x];
        values[count - 1 - x] = swap;
    }
}

EXPORT void crowdsky_decode_unsigned(const uint16_t *stored, ptrdiff_t rows, ptrdiff_t width,
                                     float *out, ptrdiff_t stride)
{
    for (ptrdiff_t row = 0; row < rows; row++)
        decode_row(stored + row * width, width, out + row * stride);
}

EXPORT void crowdsky_flip(float *pixels, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride,
                          int flip_y, int flip_x)
{
    for (ptrdiff_t row = 0; flip_x && row < rows; row++)
        reverse(pixels + row * stride, width);
    for (ptrdiff_t row = 0; flip_y && row < rows / 2; row++) {
        float *upper = pixels + row * stride, *lower = pixels + (rows - 1 - row) * stride;
        for (ptrdiff_t x = 0; x < width; x++) {
            float swap = upper[x];
            upper[x] = lower[x];
            lower[x] = swap;
        }
    }
}

EXPORT void crowdsky_repair(float *pixels, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride,
                            ptrdiff_t first_row, const int64_t *defect_y, const int64_t *defect_x,
                            ptrdiff_t count, ptrdiff_t step)
{
    const int away[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    for (ptrdiff_t index = 0; index < count; index++) {
        ptrdiff_t y = defect_y[index] - first_row, x = defect_x[index], known = 0;
        double total = 0.0, low = INFINITY, high = -INFINITY;
        for (int side = 0; side < 4; side++) {
            ptrdiff_t v = y + step * away[side][0], u = x + step * away[side][1];
            if (v < 0 || v >= rows || u < 0 || u >= width)
                continue;
            double value = pixels[v * stride + u];
            total += value;
            low = value < low ? value : low;
            high = value > high ? value : high;
            known++;
        }
        if (known > 2)
            pixels[y * stride + x] = (float)((total - low - high) / (double)(known - 2));
        else if (known > 0)
            pixels[y * stride + x] = (float)(total / (double)known);
    }
}

EXPORT void crowdsky_frame_margins(float *band, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t top,
                                   ptrdiff_t bottom)
{
    ptrdiff_t width = columns - 2 * MARGIN;
    for (ptrdiff_t row = top; row < rows - bottom; row++) {
        float *line = band + row * columns + MARGIN;
        for (ptrdiff_t k = 1; k <= MARGIN; k++) {
            line[-k] = line[k];
            line[width - 1 + k] = line[width - 1 - k];
        }
    }
    size_t size = (size_t)columns * sizeof *band;
    for (ptrdiff_t k = 1; k <= top; k++)
        memcpy(band + (top - k) * columns, band + (top + k) * columns, size);
    for (ptrdiff_t k = 1; k <= bottom; k++)
        memcpy(band + (rows - bottom - 1 + k) * columns, band + (rows - bottom - 1 - k) * columns,
               size);
}
