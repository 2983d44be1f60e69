/* Pixels of a sensor that stand out in all frames; see frame.py. */
#include "crowdsky/stacking/kernels/frame.h"

/* Add to a row how far its pixels stand out from the mean of the middle two of their neighbours,
 * ``step`` away, in units of 1 / ``scales``. */
static void add_row_residuals(const float *row, ptrdiff_t width, ptrdiff_t step,
                              const float *restrict scales, float bound, float *restrict total)
{
    const float *up = row - step * width, *down = row + step * width;
    for (ptrdiff_t x = step; x < width - step; x++) {
        float left = row[x - step], right = row[x + step];
        float high = smaller(larger(up[x], down[x]), larger(left, right));
        float low = larger(smaller(up[x], down[x]), smaller(left, right));
        float residual = (row[x] - 0.5f * (high + low)) * scales[x];
        total[x] += smaller(larger(residual, -bound), bound);
    }
}

/* Add to ``total`` how far each pixel stands out from its own colour, in sigma, clipped; ``scales``
 * is scratch for two rows. */
EXPORT void crowdsky_add_residuals(const float *mosaic, ptrdiff_t height, ptrdiff_t width,
                                   ptrdiff_t step, const double *noise, double clip, float *scales,
                                   float *total)
{
    for (ptrdiff_t x = 0; x < 2 * width; x++)
        scales[x] = (float)(1.0 / noise[x < width ? x & 1 : 2 + ((x - width) & 1)]);
    for (ptrdiff_t y = step; y < height - step; y++)
        add_row_residuals(mosaic + y * width, width, step, scales + (y & 1) * width, (float)clip,
                          total + y * width);
}

/* List the pixels, as y * width + x, that exceed ``limit`` in size, without a border. Returns their
 * number; only the first ``room`` are listed. */
EXPORT ptrdiff_t crowdsky_outstanding(const float *total, ptrdiff_t height, ptrdiff_t width,
                                      ptrdiff_t border, float limit, int64_t *found, ptrdiff_t room)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t y = border; y < height - border; y++) {
        const float *row = total + y * width;
        int32_t any = 0;
        for (ptrdiff_t x = border; x < width - border; x++)
            any |= fabsf(row[x]) > limit;
        if (!any)
            continue;
        for (ptrdiff_t x = border; x < width - border; x++)
            if (fabsf(row[x]) > limit) {
                if (count < room)
                    found[count] = y * width + x;
                count++;
            }
    }
    return count;
}

/* Add up the squares of pixels around each (y, x), of all frames, in ``stamps`` (count, side,
 * side). */
EXPORT void crowdsky_add_stamps(const float *frames, ptrdiff_t n_frames, ptrdiff_t height,
                                ptrdiff_t width, const int64_t *y, const int64_t *x,
                                ptrdiff_t count, float *stamps, ptrdiff_t side)
{
    for (ptrdiff_t frame = 0; frame < n_frames; frame++)
        for (ptrdiff_t index = 0; index < count; index++) {
            ptrdiff_t top = frame * height + y[index] - side / 2;
            const float *corner = frames + top * width + x[index] - side / 2;
            float *stamp = stamps + index * side * side;
            for (ptrdiff_t v = 0; v < side; v++)
                for (ptrdiff_t u = 0; u < side; u++)
                    stamp[v * side + u] += corner[v * width + u];
        }
}
