/* Smooths a picture and lists what is above a threshold; see sources.h. */
#include "crowdsky/stacking/kernels/sources.h"

/* Smooth a row with the weights 1 2 1 in both directions; ``above`` or ``below`` may be NULL.
 * ``sums`` is scratch, two longer than the row. Returns whether a pixel exceeds ``threshold``. */
static int smooth_row(const float *above, const float *row, const float *below, ptrdiff_t width,
                      float threshold, float *restrict sums, float *restrict out)
{
    float *restrict down = sums + 1;
    int32_t any = 0;
    sums[0] = sums[width + 1] = 0.0f;
    if (above == NULL || below == NULL) {
        const float *beside = above == NULL ? below : above;
        for (ptrdiff_t x = 0; x < width; x++)
            down[x] = 2.0f * row[x] + (beside == NULL ? 0.0f : beside[x]);
    } else {
        for (ptrdiff_t x = 0; x < width; x++)
            down[x] = above[x] + 2.0f * row[x] + below[x];
    }
    for (ptrdiff_t x = 0; x < width; x++) {
        out[x] = 0.0625f * (sums[x] + 2.0f * sums[x + 1] + sums[x + 2]);
        any |= out[x] > threshold;
    }
    return any;
}

static int32_t first_run(Run *runs, int32_t run)
{
    while (runs[run].parent != run) {
        runs[run].parent = runs[runs[run].parent].parent;
        run = runs[run].parent;
    }
    return run;
}

/* Make two runs parts of one source, whose first run is the earlier one. */
static void join(Run *runs, int32_t one, int32_t other)
{
    one = first_run(runs, one);
    other = first_run(runs, other);
    if (one == other)
        return;
    if (other < one) {
        int32_t swap = one;
        one = other;
        other = swap;
    }
    runs[other].parent = one;
    runs[runs[one].last].next = other;
    runs[one].last = runs[other].last;
}

/* List the runs of a row above the threshold from ``count`` on, and join them to those of the row
 * before, [before, count), that touch them, also at a corner. Returns the new count, or NO_ROOM. */
static int64_t add_runs(Run *runs, int64_t room, int64_t before, int64_t count, int32_t y,
                        const float *smooth, ptrdiff_t width, float threshold)
{
    int64_t first = count, beside = before;
    for (ptrdiff_t x = 0; x < width; x++) {
        if (!(smooth[x] > threshold))
            continue;
        if (count == room)
            return NO_ROOM;
        ptrdiff_t start = x;
        while (x < width && smooth[x] > threshold)
            x++;
        int32_t self = (int32_t)count++;
        runs[self] = (Run){y, (int32_t)start, (int32_t)x, self, -1, self};
        while (beside < first && runs[beside].stop < start)
            beside++;
        for (int64_t run = beside; run < first && runs[run].start <= x; run++)
            join(runs, (int32_t)run, self);
    }
    return count;
}

int64_t crowdsky_source_runs(const float *picture, ptrdiff_t height, ptrdiff_t width,
                             float threshold, float *sums, float *smooth, Run *runs, int64_t room)
{
    int64_t count = 0, before = 0;
    for (ptrdiff_t y = 0; y < height; y++) {
        const float *row = picture + y * width;
        float *out = smooth + y * width;
        int any = smooth_row(y > 0 ? row - width : NULL, row, y + 1 < height ? row + width : NULL,
                             width, threshold, sums, out);
        int64_t first = count;
        if (any)
            count = add_runs(runs, room, before, count, (int32_t)y, out, width, threshold);
        if (count < 0)
            return NO_ROOM;
        before = first;
    }
    return count;
}
