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

#include "crowdsky/stacking/kernels/passes.h"
#include "crowdsky/stacking/kernels/span.h"

static const float CATMULL_ROM[16] = {
    0.0f, -0.5f, 1.0f, -0.5f, 1.0f, 0.0f, -2.5f, 1.5f,
    0.0f, 0.5f, 2.0f, -1.5f, 0.0f, 0.0f, -0.5f, 0.5f,
};

static double smaller(double one, double other) { return one < other ? one : other; }
static double larger(double one, double other) { return one > other ? one : other; }

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

static void warp(const Given *given, const float *mosaic, ptrdiff_t first, const Samples *samples,
                 ptrdiff_t index, ptrdiff_t top, ptrdiff_t y0, ptrdiff_t n_rows, float *memory)
{
    Samples from = samples_from(samples, top), *to = &from;
    Frame frame = frame_of(given, mosaic, first, to->n_planes);
    Scratch scratch = scratch_in(memory, &frame, given->level, y0, n_rows);
    find_covered(&frame, to, index, y0, n_rows);
    for (ptrdiff_t tile = 0; tile < to->width; tile += TILE) {
        ptrdiff_t count = to->width - tile < TILE ? to->width - tile : TILE;
        crowdsky_first_pass(&frame, &scratch, tile, count);
        for (ptrdiff_t row = 0; row < n_rows; row++) {
            const int32_t *in = to->covered + 2 * (row * to->n_frames + index);
            ptrdiff_t x0 = in[0] > tile ? in[0] : tile;
            ptrdiff_t x1 = in[1] < tile + count ? in[1] : tile + count;
            if (x0 < x1)
                crowdsky_second_pass(&frame, given, &scratch, to, index, row, (double)(y0 + row),
                                     tile, x0, x1);
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
