/* Loops of the developed picture: smoothing and weighing of scales (starlet.py), and the colours
 * of the pixels (develop.py); see picture_kernels.py.
 *
 * Planes are float32 (height, width), C order. Nothing is NaN. */

#include "crowdsky/base/compiled.h"

/* Weights of the B3 spline: its outer, inner and middle pixels. */
#define OUTER (1.0f / 16.0f)
#define INNER (4.0f / 16.0f)
#define MIDDLE (6.0f / 16.0f)
#define REACH 2

static ptrdiff_t within(ptrdiff_t row, ptrdiff_t height)
{
    return row < 0 ? 0 : row < height ? row : height - 1;
}

/* Mix five rows, or five shifted copies of one. */
static void mix(const float *restrict a, const float *restrict b, const float *restrict c,
                const float *restrict d, const float *restrict e, ptrdiff_t width,
                float *restrict out)
{
    for (ptrdiff_t x = 0; x < width; x++)
        out[x] = (a[x] + e[x]) * OUTER + (b[x] + d[x]) * INNER + c[x] * MIDDLE;
}

/* Convolve with the B3 spline whose pixels are ``step`` apart; edges are repeated.
 *
 * row: (width + 4 * step,), scratch. */
EXPORT void crowdsky_spline_smooth(const float *plane, ptrdiff_t height, ptrdiff_t width,
                                   ptrdiff_t step, float *out, float *row)
{
    const ptrdiff_t reach = REACH * step;
    float *inside = row + reach;
    for (ptrdiff_t y = 0; y < height; y++) {
        const float *at[2 * REACH + 1];
        for (int tap = 0; tap <= 2 * REACH; tap++)
            at[tap] = plane + within(y + (tap - REACH) * step, height) * width;
        mix(at[0], at[1], at[2], at[3], at[4], width, inside);
        for (ptrdiff_t x = 0; x < reach; x++) {
            row[x] = inside[0];
            inside[width + x] = inside[width - 1];
        }
        mix(row, row + step, row + 2 * step, row + 3 * step, row + 4 * step, width,
            out + y * width);
    }
}

/* The energy of a scale, in units of the noise: ((finer - wider) / noise)^2. */
EXPORT void crowdsky_scale_energy(const float *finer, const float *wider, const float *noise,
                                  ptrdiff_t count, float *out)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        float relative = (finer[i] - wider[i]) / noise[i];
        out[i] = relative * relative;
    }
}

/* Turn smoothed energies into shares: slope * sqrt(energy) - offset, between ``rest`` and 1. */
EXPORT void crowdsky_energy_share(float *energy, ptrdiff_t count, float slope, float offset,
                                  float rest)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        float share = sqrtf(energy[i]) * slope - offset;
        share = share > rest ? share : rest;
        energy[i] = share < 1.0f ? share : 1.0f;
    }
}

/* Add to ``kept`` the shares of a scale that are above ``floor``. */
EXPORT void crowdsky_add_scale(float *kept, const float *finer, const float *wider,
                               const float *share, ptrdiff_t count, float floor)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        float part = share[i] > floor ? share[i] : 0.0f;
        kept[i] += (finer[i] - wider[i]) * part;
    }
}

static float between(float value, float low, float high)
{
    value = value > low ? value : low;
    return value < high ? value : high;
}

/* Colour pixels, without changing how bright they are as a whole.
 *
 * level: (count,), brightness from 0 to 1. ratio: (3, count), light of each plane over the mean.
 * covered: (count,), 0 for black. weight: (3,), of each plane in the mean. white: share of its
 * colour that a pixel keeps though it becomes brighter than white. out: (count, 3). */
EXPORT void crowdsky_colour_pixels(const float *level, const float *ratio, const uint8_t *covered,
                                   const float *weight, ptrdiff_t count, float white, uint8_t *out)
{
    const float *red = ratio, *green = ratio + count, *blue = ratio + 2 * count;
    const float tiny = 1e-6f;
    for (ptrdiff_t i = 0; i < count; i++) {
        float l = level[i];
        float r = l * (red[i] - 1.0f), g = l * (green[i] - 1.0f), b = l * (blue[i] - 1.0f);
        float mean = r * weight[0] + g * weight[1] + b * weight[2];
        r -= mean;
        g -= mean;
        b -= mean;
        float most = r > g ? r : g, least = r < g ? r : g;
        most = most > b ? most : b;
        least = least < b ? least : b;
        float above = most > tiny ? most : tiny, below = -least > tiny ? -least : tiny;
        float bright = (1.0f - l) / above + white, dark = l / below;
        float share = bright < dark ? bright : dark;
        share = share < 1.0f ? share : 1.0f;
        float seen = covered[i] ? 255.0f : 0.0f;
        /* Adding a half and cutting off: what is shown is never negative. */
        out[3 * i] = (uint8_t)(between(l + r * share, 0.0f, 1.0f) * seen + 0.5f);
        out[3 * i + 1] = (uint8_t)(between(l + g * share, 0.0f, 1.0f) * seen + 0.5f);
        out[3 * i + 2] = (uint8_t)(between(l + b * share, 0.0f, 1.0f) * seen + 0.5f);
    }
}
