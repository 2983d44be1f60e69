/* Maps where stars shine, from a few registered frames; star_light.py describes the arguments. */
#include "crowdsky/stacking/kernels/span.h"

static double clamped(double position, double last)
{
    return position > 0.0 ? (position < last ? position : last) : 0.0;
}

/* Take the nearest cells of a frame for a row of cells at y, and count where there are any. */
static void gather(const float *restrict frame, ptrdiff_t rows, ptrdiff_t columns,
                   const double *inverse, double scale, const double *level, double y,
                   ptrdiff_t width, float *restrict values, int32_t *restrict seen)
{
    double a = inverse[0], b = inverse[1], c = inverse[2];
    double d = inverse[3], e = inverse[4], f = inverse[5];
    /* A cell spans two pixels, of which the first lies half a pixel after its edge. */
    double u = 0.5 * (0.5 * a + b * y + c + 0.5), v = 0.5 * (0.5 * d + e * y + f + 0.5);
    Span in = span(a, u, 0.0, (double)columns - 0.001, 0, width);
    in = span(d, v, 0.0, (double)rows - 0.001, in.first, in.end);
    float gain = (float)scale, tilt = (float)(2.0 * level[1]);
    float sky = (float)(level[0] + 0.5 * level[1] + level[2] * y);
    double last_row = (double)(rows - 1), last_column = (double)(columns - 1);
    /* Numbers of 32 bits, of which a frame has fewer cells: others are not vectorised. */
    int32_t stride = (int32_t)columns;
    for (int32_t x = (int32_t)in.first; x < (int32_t)in.end; x++) {
        int32_t row = (int32_t)clamped(v + d * (double)x, last_row);
        int32_t column = (int32_t)clamped(u + a * (double)x, last_column);
        values[x] = frame[row * stride + column];
    }
    for (ptrdiff_t x = in.first; x < in.end; x++) {
        values[x] = gain * values[x] - sky - tilt * (float)x;
        seen[x] += 1;
    }
}

/* Exchange the numbers of two rows where the first is higher. */
static void sort_two(float *restrict low, float *restrict high, ptrdiff_t width)
{
    for (ptrdiff_t x = 0; x < width; x++) {
        float one = low[x], other = high[x];
        low[x] = one < other ? one : other;
        high[x] = one < other ? other : one;
    }
}

EXPORT void crowdsky_lower_medians(const float *frames, ptrdiff_t count, ptrdiff_t rows,
                                   ptrdiff_t columns, const double *inverses,
                                   const double *scales, const double *levels, ptrdiff_t first,
                                   float *light, ptrdiff_t light_rows, ptrdiff_t width,
                                   float *values, int32_t *seen)
{
    for (ptrdiff_t row = 0; row < light_rows; row++) {
        for (ptrdiff_t i = 0; i < count * width; i++)
            values[i] = INFINITY;
        for (ptrdiff_t x = 0; x < width; x++)
            seen[x] = 0;
        /* The centre of a cell is the corner that its four pixels share. */
        double y = 2.0 * (double)(first + row) + 0.5;
        for (ptrdiff_t k = 0; k < count; k++)
            gather(frames + k * rows * columns, rows, columns, inverses + 6 * k, scales[k],
                   levels + 3 * k, y, width, values + k * width, seen);
        for (ptrdiff_t end = count - 1; end > 0; end--)
            for (ptrdiff_t k = 0; k < end; k++)
                sort_two(values + k * width, values + (k + 1) * width, width);
        for (ptrdiff_t x = 0; x < width; x++)
            light[row * width + x] = seen[x] > 0 ? values[(seen[x] - 1) / 2 * width + x] : 0.0f;
    }
}

static void raise_to(float *restrict target, const float *restrict source, ptrdiff_t count)
{
    for (ptrdiff_t x = 0; x < count; x++)
        target[x] = target[x] > source[x] ? target[x] : source[x];
}

EXPORT void crowdsky_highest_within(const float *light, ptrdiff_t rows, ptrdiff_t columns,
                                    ptrdiff_t reach, float *across, float *out)
{
    ptrdiff_t along = reach < columns - 1 ? reach : columns - 1;
    for (ptrdiff_t row = 0; row < rows; row++) {
        const float *source = light + row * columns;
        float *target = across + row * columns;
        for (ptrdiff_t x = 0; x < columns; x++)
            target[x] = source[x];
        for (ptrdiff_t off = 1; off <= along; off++) {
            raise_to(target, source + off, columns - off);
            raise_to(target + off, source, columns - off);
        }
    }
    for (ptrdiff_t row = 0; row < rows; row++) {
        float *target = out + row * columns;
        for (ptrdiff_t x = 0; x < columns; x++)
            target[x] = 0.0f;
        ptrdiff_t end = row + reach + 1 < rows ? row + reach + 1 : rows;
        for (ptrdiff_t near = row > reach ? row - reach : 0; near < end; near++)
            raise_to(target, across + near * columns, columns);
    }
}
