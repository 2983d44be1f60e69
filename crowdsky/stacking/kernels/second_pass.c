/* The second pass of the warp: resamples sheared rows along y, and takes the sky off. */
#include <string.h>

#include "crowdsky/stacking/kernels/passes.h"

#define HIGHEST 32767.0f

/* What turns a resampled value into a sample: gain * value - sky - tilt. */
typedef struct {
    float gain, sky[3];
} Light;

/* Compute pixels of a stack row: pixel x is rest[x] + start, 0 to 2, past the second of five rows.
 *
 * Up to 1 the first four rows count, above 1 the last four. */
INLINE blend(ptrdiff_t planes, int catmull_rom, const float taps[4][4], const float *restrict rows,
             const float *restrict rest, const float *restrict tilt, float start,
             const Light *light, ptrdiff_t count, float *restrict out, ptrdiff_t out_stride)
{
    float own[4][4];
    memcpy(own, taps, sizeof own);
    Light how = *light;
    ptrdiff_t next = planes * TILE_STRIDE;
#pragma GCC ivdep
    for (ptrdiff_t x = 0; x < count; x++) {
        float place = rest[x] + start, whole = floorf(place);
        whole = whole < 1.0f ? whole : 1.0f;
        Weights w = weights_at(place - whole, catmull_rom, own);
        int later = whole > 0.5f;
        float w0 = later ? 0.0f : w.w0, w1 = later ? w.w0 : w.w1, w2 = later ? w.w1 : w.w2;
        float w3 = later ? w.w2 : w.w3, w4 = later ? w.w3 : 0.0f;
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const float *v = rows + plane * TILE_STRIDE + x;
            float value = (w0 * v[0] + w1 * v[next]) + (w2 * v[2 * next] + w3 * v[3 * next]) +
                          w4 * v[4 * next];
            out[plane * out_stride + x] =
                how.gain * value - how.sky[plane] - tilt[plane * TILE_STRIDE + x];
        }
    }
}

/* Round to the nearest int16, and clip. */
static void round_row(const float *restrict values, ptrdiff_t count, int16_t *restrict out)
{
    for (ptrdiff_t x = 0; x < count; x++) {
        float high = values[x] < HIGHEST ? values[x] : HIGHEST;
        float clipped = high > -HIGHEST ? high : -HIGHEST;
        /* Beside a number this large no fraction has a place: the sum is rounded, to even. */
        float shifted = clipped + 12582912.0f;
        int32_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        out[x] = (int16_t)(bits & 0xffff);
    }
}

void crowdsky_second_pass(const Frame *frame, const Given *given, const Scratch *scratch,
                          const Samples *to, ptrdiff_t index, ptrdiff_t row, double y,
                          ptrdiff_t tile, ptrdiff_t x0, ptrdiff_t x1)
{
    double at = frame->e * y + frame->f, base = floor(at);
    Light light = {.gain = (float)given->scale};
    for (ptrdiff_t plane = 0; plane < frame->n_planes; plane++) {
        const double *of = given->level + 3 * plane;
        light.sky[plane] = (float)(of[0] + of[1] * (double)tile + of[2] * y);
    }
    ptrdiff_t first = (ptrdiff_t)base - 1 - scratch->lowest;
    const float *rows = scratch->sheared + first * frame->n_planes * TILE_STRIDE + x0 - tile;
    const float *rest = scratch->rest + x0 - tile, *tilt = scratch->tilt + x0 - tile;
    float start = (float)(at - base);
    ptrdiff_t count = round_up(x1 - x0, STEP), plane_stride = to->n_frames * to->stride;
    ptrdiff_t place = (row * frame->n_planes * to->n_frames + index) * to->stride + x0;
    if (!to->is_int16) {
        SPECIALISE(blend, frame, rows, rest, tilt, start, &light, count,
                   (float *)to->values + place, plane_stride);
        return;
    }
    SPECIALISE(blend, frame, rows, rest, tilt, start, &light, count, scratch->line, TILE_STRIDE);
    for (ptrdiff_t plane = 0; plane < frame->n_planes; plane++)
        round_row(scratch->line + plane * TILE_STRIDE, count,
                  (int16_t *)to->values + place + plane * plane_stride);
}
