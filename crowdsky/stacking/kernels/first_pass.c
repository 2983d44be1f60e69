/* The first pass of the warp: debayers source rows, resamples them along x, and shears them. */
#include <string.h>

#include "crowdsky/stacking/kernels/passes.h"
#include "crowdsky/stacking/kernels/span.h"

/* Slope in rows per column from which a source row is resampled at once, and cut afterwards. */
#define WIDE 0.04

/* Return how many pixels the integer part of a position grows evenly, at most `count`. */
static ptrdiff_t stretch(double position, double drift, ptrdiff_t count)
{
    double base = floor(position), steps = (double)count;
    if (drift > 1e-9)
        steps = ceil((base + 1.0 - position) / drift);
    else if (drift < -1e-9)
        steps = floor((position - base) / -drift) + 1.0;
    if (steps < 1.0)
        return 1;
    return steps < (double)count ? (ptrdiff_t)steps : count;
}

/* Resample rows by four taps at the positions 1 + start + slope * x past their begin. */
INLINE resample(ptrdiff_t planes, int catmull_rom, const float taps[4][4], float start, float slope,
                ptrdiff_t count, const float *source, ptrdiff_t source_stride, float *target)
{
    float own[4][4];
    memcpy(own, taps, sizeof own);
#pragma GCC ivdep
    for (int32_t x = 0; x < (int32_t)count; x++) {
        Weights w = weights_at(start + slope * (float)x, catmull_rom, own);
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const float *s = source + plane * source_stride + x;
            target[plane * TILE_STRIDE + x] =
                (w.w0 * s[0] + w.w1 * s[1]) + (w.w2 * s[2] + w.w3 * s[3]);
        }
    }
}

/* Resample a debayered row for `count` columns of the stack, the first at `position`. */
static void resample_row(const Frame *frame, const Scratch *scratch, double position, double step,
                         ptrdiff_t count, ptrdiff_t left, float *target)
{
    ptrdiff_t x = 0;
    while (x < count) {
        double at = position + step * (double)x, base = floor(at);
        /* As long as the integer part grows by one per pixel, so does the source. The next stretch
         * overwrites what the last step writes beyond the end of this one. */
        ptrdiff_t length = stretch(at, step - 1.0, count - x);
        const float *source = scratch->colours + (ptrdiff_t)base - 1 - left;
        float start = (float)(at - base), slope = (float)(step - 1.0);
        SPECIALISE(resample, frame, start, slope, round_up(length, 16), source,
                   scratch->colour_stride, target + x);
        x += length;
    }
}

/* Where a piece of a tile has source row v. */
static float *sheared_row(const Frame *frame, const Scratch *scratch, ptrdiff_t v, ptrdiff_t piece)
{
    ptrdiff_t row = v - scratch->shift[piece] - scratch->lowest;
    return scratch->sheared + row * frame->n_planes * TILE_STRIDE;
}

/* Resample source row v for columns x0 to x1 of a tile, the first at `position`, to where shearing
 * puts them.
 *
 * What is written beyond the end of a piece belongs to a source row that comes later. */
static void shear_row(const Frame *frame, const Scratch *scratch, ptrdiff_t v, double position,
                      double step, ptrdiff_t left, ptrdiff_t x0, ptrdiff_t x1, ptrdiff_t piece)
{
    int wide = fabs(frame->d) > WIDE;
    if (wide)
        resample_row(frame, scratch, position, step, x1 - x0, left, scratch->line);
    for (; piece < scratch->pieces && scratch->cuts[piece] < x1; piece++) {
        ptrdiff_t begin = scratch->cuts[piece], end = scratch->cuts[piece + 1];
        begin = begin > x0 ? begin : x0;
        end = end < x1 ? end : x1;
        float *target = sheared_row(frame, scratch, v, piece) + begin;
        if (!wide) {
            resample_row(frame, scratch, position + step * (double)(begin - x0), step, end - begin,
                         left, target);
            continue;
        }
        for (ptrdiff_t plane = 0; plane < frame->n_planes; plane++)
            for (ptrdiff_t x = 0; x < end - begin; x += 16)
                memcpy(target + plane * TILE_STRIDE + x,
                       scratch->line + plane * TILE_STRIDE + begin - x0 + x, 16 * sizeof(float));
    }
}

/* Debayer what the tile at column `tile` needs of source row v, and resample it. */
static void pass_row(const Frame *frame, Scratch *scratch, ptrdiff_t v, ptrdiff_t tile)
{
    /* The pieces whose sheared row is needed follow each other. */
    ptrdiff_t piece = 0, after = scratch->pieces;
    while (piece < after && (v - scratch->shift[piece] < scratch->lowest ||
                             v - scratch->shift[piece] > scratch->highest))
        piece++;
    while (after > piece && (v - scratch->shift[after - 1] < scratch->lowest ||
                             v - scratch->shift[after - 1] > scratch->highest))
        after--;
    if (piece == after)
        return;
    double step = frame->a - frame->b * frame->d / frame->e;
    double at = (frame->b / frame->e) * ((double)v - frame->f) + frame->c + step * (double)tile;
    Span in = span(step, at, -2.5, (double)frame->width + 1.5, scratch->cuts[piece],
                   scratch->cuts[after]);
    if (in.first >= in.end)
        return;
    double u0 = at + step * (double)in.first, u1 = at + step * (double)(in.end - 1);
    ptrdiff_t left = (ptrdiff_t)floor(u0) - 1 + MARGIN;
    ptrdiff_t count = round_up((ptrdiff_t)floor(u1) + 3 + MARGIN - left, 16);
    if (left + count > frame->columns - 2)
        count = frame->columns - 2 - left;
    const float *row = frame->mosaic + (v - frame->first) * frame->columns;
    if (frame->red_row < 0)
        memcpy(scratch->colours, row + left, (size_t)count * sizeof *row);
    else
        crowdsky_debayer_row(row, frame->columns, left, count, (v & 1) == frame->red_row,
                             frame->red_column, frame->sharp, scratch->colours,
                             scratch->colour_stride);
    while (scratch->cuts[piece + 1] <= in.first)
        piece++;
    shear_row(frame, scratch, v, u0 + MARGIN, step, left, in.first, in.end, piece);
}

/* Cut the columns of a tile where floor(d * x) changes. */
static void cut_tile(const Frame *frame, Scratch *scratch, ptrdiff_t tile, ptrdiff_t count)
{
    double d = frame->d;
    ptrdiff_t x = 0, pieces = 0;
    for (ptrdiff_t k = 0; k < TILE_STRIDE; k++) {
        double position = d * (double)(tile + k);
        scratch->rest[k] = (float)(position - floor(position));
    }
    while (x < count) {
        double position = d * (double)(tile + x);
        scratch->cuts[pieces] = (int32_t)x;
        scratch->shift[pieces] = (int64_t)floor(position);
        ptrdiff_t length = 1;
        while (x + length < count &&
               (int64_t)floor(d * (double)(tile + x + length)) == scratch->shift[pieces])
            length++;
        x += length;
        pieces++;
    }
    scratch->cuts[pieces] = (int32_t)count;
    scratch->pieces = pieces;
}

void crowdsky_first_pass(const Frame *frame, Scratch *scratch, ptrdiff_t tile, ptrdiff_t count)
{
    cut_tile(frame, scratch, tile, count);
    ptrdiff_t one = scratch->shift[0], other = scratch->shift[scratch->pieces - 1];
    ptrdiff_t top = scratch->lowest + (one < other ? one : other);
    ptrdiff_t bottom = scratch->highest + (one < other ? other : one);
    top = top > -2 ? top : -2;
    bottom = bottom < frame->height + 2 ? bottom : frame->height + 2;
    /* See shear_row: pieces further right belong to rows further down, or further up. */
    if (frame->d >= 0.0)
        for (ptrdiff_t v = top; v <= bottom; v++)
            pass_row(frame, scratch, v, tile);
    else
        for (ptrdiff_t v = bottom; v >= top; v--)
            pass_row(frame, scratch, v, tile);
}
