/* Debayers and registers a band of one frame; warp.py describes the arguments.
 *
 * Every source row is debayered and resampled along x, and the resulting rows are resampled along y
 * (the two-pass rotation of Catmull and Smith, 1980). Two passes of 4 taps cost half of one pass of
 * 4 x 4, and their loops run over neighbouring pixels at any angle.
 *
 * Between the passes the rows are sheared: pixel x of source row v is in sheared row
 * v - floor(d * x), where d is the slope of a stack row in the frame. So the taps of a stack row
 * start at one and the same sheared row in every column, or at the next.
 */
#include <string.h>

#include "crowdsky/stacking/kernels/samples.h"
#include "crowdsky/stacking/kernels/span.h"
#include "crowdsky/stacking/kernels/warp.h"

/* Columns of the stack that are warped at a time, so that all that is between the passes stays in
 * the cache. */
#define TILE 384
#define TILE_STRIDE (TILE + 2 * STEP)
#define HIGHEST 32767.0f
/* Slope in rows per column from which a source row is resampled at once, and cut afterwards. */
#define WIDE 0.04

static const float CATMULL_ROM[16] = {
    0.0f, -0.5f, 1.0f, -0.5f, 1.0f, 0.0f, -2.5f, 1.5f,
    0.0f, 0.5f, 2.0f, -1.5f, 0.0f, 0.0f, -0.5f, 0.5f,
};

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

/* Run the first pass for what the tile at column `left` needs of source row v. */
static void first_pass(const Frame *frame, Scratch *scratch, ptrdiff_t v, ptrdiff_t tile)
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

static double smaller(double one, double other) { return one < other ? one : other; }
static double larger(double one, double other) { return one > other ? one : other; }

/* Run the first pass for a tile of `count` columns. */
static void fill_sheared(const Frame *frame, Scratch *scratch, ptrdiff_t tile, ptrdiff_t count)
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
            first_pass(frame, scratch, v, tile);
    else
        for (ptrdiff_t v = bottom; v >= top; v--)
            first_pass(frame, scratch, v, tile);
}

static Frame frame_of(const Given *given, const float *mosaic, ptrdiff_t first,
                      ptrdiff_t n_planes)
{
    const double *t = given->transform;
    Frame frame = {
        .mosaic = mosaic, .columns = given->width + 2 * MARGIN, .first = first,
        .height = given->height, .width = given->width, .red_row = (int)given->red_row,
        .red_column = (int)given->red_column, .sharp = given->sharp, .a = t[0], .b = t[1],
        .c = t[2], .d = t[3], .e = t[4], .f = t[5], .n_planes = n_planes, .catmull_rom = 1,
    };
    memcpy(frame.taps, given->taps, sizeof frame.taps);
    for (int k = 0; k < 16; k++)
        frame.catmull_rom &= given->taps[k] == CATMULL_ROM[k];
    return frame;
}

/* Divide the memory into the parts of the scratch: scratch_elements in warp.py. */
static Scratch scratch_in(float *memory, const Frame *frame, const double *level, ptrdiff_t y0,
                          ptrdiff_t n_rows)
{
    double g0 = frame->e * (double)y0 + frame->f, g1 = g0 + frame->e * (double)(n_rows - 1);
    Scratch scratch = {
        .colours = memory + 16, .colour_stride = frame->columns + 2 * STEP,
        .pieces = 0, .lowest = (ptrdiff_t)floor(smaller(g0, g1) - 1e-4) - 1,
        .highest = (ptrdiff_t)floor(larger(g0, g1) + 1e-4) + 3,
    };
    ptrdiff_t n_planes = frame->n_planes;
    scratch.line = scratch.colours + n_planes * scratch.colour_stride;
    scratch.rest = scratch.line + n_planes * TILE_STRIDE;
    scratch.tilt = scratch.rest + TILE_STRIDE;
    for (ptrdiff_t plane = 0; plane < n_planes; plane++)
        for (ptrdiff_t x = 0; x < TILE_STRIDE; x++)
            scratch.tilt[plane * TILE_STRIDE + x] = (float)(level[3 * plane + 1] * (double)x);
    scratch.sheared = scratch.tilt + n_planes * TILE_STRIDE;
    return scratch;
}

/* Fill the columns of each row that the frame covers. */
static void find_covered(const Frame *frame, const Samples *to, ptrdiff_t index, ptrdiff_t y0,
                         ptrdiff_t n_rows)
{
    for (ptrdiff_t row = 0; row < n_rows; row++) {
        double y = (double)(y0 + row);
        Span in = span(frame->a, frame->b * y + frame->c, 0.0, (double)frame->width - 1.0, 0,
                       to->width);
        in = span(frame->d, frame->e * y + frame->f, 0.0, (double)frame->height - 1.0, in.first,
                  in.end);
        int32_t *covered = to->covered + 2 * (row * to->n_frames + index);
        covered[0] = (int32_t)in.first;
        covered[1] = (int32_t)in.end;
    }
}

/* Run the second pass for a row of a tile: columns x0 to x1 of the stack. */
static void second_pass(const Frame *frame, const Given *given, const Scratch *scratch,
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

static void warp(const Given *given, const float *mosaic, ptrdiff_t first, const Samples *samples,
                 ptrdiff_t index, ptrdiff_t top, ptrdiff_t y0, ptrdiff_t n_rows, float *memory)
{
    Samples from = samples_from(samples, top), *to = &from;
    Frame frame = frame_of(given, mosaic, first, to->n_planes);
    Scratch scratch = scratch_in(memory, &frame, given->level, y0, n_rows);
    find_covered(&frame, to, index, y0, n_rows);
    for (ptrdiff_t tile = 0; tile < to->width; tile += TILE) {
        ptrdiff_t count = to->width - tile < TILE ? to->width - tile : TILE;
        fill_sheared(&frame, &scratch, tile, count);
        for (ptrdiff_t row = 0; row < n_rows; row++) {
            const int32_t *in = to->covered + 2 * (row * to->n_frames + index);
            ptrdiff_t x0 = in[0] > tile ? in[0] : tile;
            ptrdiff_t x1 = in[1] < tile + count ? in[1] : tile + count;
            if (x0 < x1)
                second_pass(&frame, given, &scratch, to, index, row, (double)(y0 + row), tile, x0,
                            x1);
        }
    }
}

EXPORT void crowdsky_warp_mosaic(const Given *frame, const float *mosaic, ptrdiff_t first,
                                 const Samples *to, ptrdiff_t index, ptrdiff_t row,
                                 ptrdiff_t y0, ptrdiff_t n_rows, float *memory)
{
    warp(frame, mosaic, first, to, index, row, y0, n_rows, memory);
}

/* Decode the rows as stored into a band with margins, repair and mirror them. Returns the frame row
 * of the first row of the band. */
static ptrdiff_t frame_stored(const Given *frame, const uint16_t *stored,
                                       ptrdiff_t inner_first, ptrdiff_t count, ptrdiff_t top,
                                       ptrdiff_t bottom, float *band)
{
    ptrdiff_t columns = frame->width + 2 * MARGIN;
    float *inner = band + top * columns + MARGIN;
    crowdsky_decode_unsigned(stored, count, frame->width, inner, columns);
    ptrdiff_t first = frame->flip_y ? frame->height - inner_first - count : inner_first;
    ptrdiff_t begin = 0, end = frame->n_defects;
    while (begin < end && frame->defect_y[begin] < first)
        begin++;
    while (end > begin && frame->defect_y[end - 1] >= first + count)
        end--;
    crowdsky_repair(inner, count, frame->width, columns, first, frame->defect_y + begin,
                    frame->defect_x + begin, end - begin, frame->red_row < 0 ? 1 : 2);
    crowdsky_flip(inner, count, frame->width, columns, frame->flip_y != 0, frame->flip_x != 0);
    crowdsky_frame_margins(band, top + count + bottom, columns, top, bottom);
    return inner_first - top;
}

EXPORT void crowdsky_warp_stored(const Given *frame, const uint16_t *stored, ptrdiff_t inner_first,
                                 ptrdiff_t count, ptrdiff_t top, ptrdiff_t bottom,
                                 const Samples *to, ptrdiff_t index, ptrdiff_t row, ptrdiff_t y0,
                                 ptrdiff_t n_rows, float *band, float *memory)
{
    ptrdiff_t first = frame_stored(frame, stored, inner_first, count, top, bottom, band);
    warp(frame, band, first, to, index, row, y0, n_rows, memory);
}
