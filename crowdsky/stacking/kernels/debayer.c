/* Debayering of a row: Malvar, He & Cutler, "High-quality linear interpolation for demosaicing of
 * Bayer-patterned color images" (ICASSP 2004), or bilinear. */
#include "crowdsky/stacking/kernels/warp.h"

/* The pixels around a row that its colours are made of. */
typedef struct {
    const float *up2, *up, *mid, *down, *down2;
} Rows;

/* Compute a row in which colour pixels, red or blue, come first.
 *
 * A row has green and one other colour; the third colour is in the rows above and below. */
static void debayer_pairs(Rows from, ptrdiff_t count, float sharp, float *restrict own,
                          float *restrict green, float *restrict third)
{
    const float *restrict up2 = from.up2, *restrict up = from.up, *restrict mid = from.mid;
    const float *restrict down = from.down, *restrict down2 = from.down2;
    float eighth = 0.125f * sharp, most = 0.1875f * sharp;
    for (ptrdiff_t x = 0; x < count; x++) {
        int is_green = x & 1;
        float c = mid[x], h1 = mid[x - 1] + mid[x + 1], h2 = mid[x - 2] + mid[x + 2];
        float v1 = up[x] + down[x], v2 = up2[x] + down2[x];
        float d = (up[x - 1] + down[x - 1]) + (up[x + 1] + down[x + 1]);
        float detail = 4.0f * c - h2 - v2, slope = 5.0f * c - d;
        float green_here = 0.25f * (h1 + v1) + eighth * detail;
        float third_here = 0.25f * d + most * detail;
        float along = 0.5f * h1 + eighth * (slope - h2 + 0.5f * v2);
        float across = 0.5f * v1 + eighth * (slope - v2 + 0.5f * h2);
        green[x] = is_green ? c : green_here;
        own[x] = is_green ? along : c;
        third[x] = is_green ? across : third_here;
    }
}

void crowdsky_debayer_row(const float *row, ptrdiff_t columns, ptrdiff_t left, ptrdiff_t count,
                          int on_red_row, int red_column, float sharp, float *out,
                          ptrdiff_t stride)
{
    int colour_column = (red_column ^ (int)left ^ (on_red_row ? 0 : 1)) & 1;
    float *own = out + (on_red_row ? 0 : 2 * stride), *green = out + stride;
    float *third = out + (on_red_row ? 2 * stride : 0);
    Rows from = {row + left - 2 * columns, row + left - columns, row + left, row + left + columns,
                 row + left + 2 * columns};
    if (colour_column) {
        /* Begin one pixel earlier, so that colour pixels come first. */
        from = (Rows){from.up2 - 1, from.up - 1, from.mid - 1, from.down - 1, from.down2 - 1};
        own -= 1, green -= 1, third -= 1, count += 1;
    }
    debayer_pairs(from, count, sharp, own, green, third);
}
