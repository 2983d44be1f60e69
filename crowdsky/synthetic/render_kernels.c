/* Draws light onto a colour mosaic; see render_kernels.py.
 *
 * ``light`` is (height, width) ADU, ``colours`` the colour of each pixel of the 2x2 cell, (4,).
 * Coordinates are 0-based pixels with the centre of the first pixel at 0. */

#include "crowdsky/base/compiled.h"

#define PI 3.14159265358979323846
/* Places of the two points of Gauss-Legendre quadrature over a pixel. */
#define QUADRATURE_PX 0.28867513459

static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }

/* How far from a star more than a tenth of an ADU falls on a pixel. */
static double reach_of(const double *flux, double core)
{
    double brightest = larger(flux[0], larger(flux[1], flux[2]));
    double reach = core * pow(10.0 * 2.0 * brightest / (PI * core * core), 1.0 / 6.0);
    return smaller(larger(reach, 6.0), 120.0);
}

/* The mean over the area of a pixel of a Moffat profile with beta 3, 1 in the middle of the star. */
static double moffat_mean(double dx, double dy, double core)
{
    double total = 0.0;
    for (int v = -1; v <= 1; v += 2)
        for (int u = -1; u <= 1; u += 2) {
            double x = dx + u * QUADRATURE_PX, y = dy + v * QUADRATURE_PX;
            double base = 1.0 + (x * x + y * y) / (core * core);
            total += 1.0 / (base * base * base);
        }
    return 0.25 * total;
}

/* Add stars at x, y (count,) of ``flux`` (count, 3); ``core`` (3,) are the widths in pixels. */
EXPORT void crowdsky_stamp_stars(float *light, int64_t height, int64_t width,
                                 const int64_t *colours, const double *x, const double *y,
                                 const double *flux, int64_t count, const double *core)
{
    for (int64_t star = 0; star < count; star++) {
        const double *own = flux + 3 * star;
        double reach = reach_of(own, core[1]);
        int64_t left = (int64_t)smaller(larger(ceil(x[star] - reach), 0.0), (double)width);
        int64_t top = (int64_t)smaller(larger(ceil(y[star] - reach), 0.0), (double)height);
        int64_t right = (int64_t)smaller(larger(floor(x[star] + reach), -1.0), (double)width - 1.0);
        int64_t bottom =
            (int64_t)smaller(larger(floor(y[star] + reach), -1.0), (double)height - 1.0);
        for (int64_t row = top; row <= bottom; row++)
            for (int64_t column = left; column <= right; column++) {
                int64_t colour = colours[2 * (row & 1) + (column & 1)];
                double peak = 2.0 * own[colour] / (PI * core[colour] * core[colour]);
                double share =
                    moffat_mean((double)column - x[star], (double)row - y[star], core[colour]);
                float *pixel = light + row * width + column;
                *pixel = (float)((double)*pixel + peak * share);
            }
    }
}

/* A smooth cloudy pattern with mean about 0, from -1 to 1: waves bent by other waves. */
static double wisps(double u, double v)
{
    double bent_u = u + 0.5 * sin(2.1 * v + 0.7) + 0.2 * sin(4.3 * u - 3.1 * v);
    double bent_v = v + 0.5 * sin(1.7 * u - 1.3) + 0.2 * sin(5.2 * v + 2.3 * u);
    return 0.5 * (sin(2.9 * bent_u + 1.1 * bent_v) + sin(3.7 * bent_v - 2.2 * bent_u));
}

/* Add a galaxy or nebula with a Sersic profile.
 *
 * to_major: (2, 3), from a pixel to the frame of the glow.
 * shape: effective radius (px), axis ratio, Sersic index, pitch angle of arms (rad), contrast.
 * peak: (3,) ADU at the effective radius. */
EXPORT void crowdsky_add_glow(float *light, int64_t height, int64_t width, const int64_t *colours,
                              const double *to_major, const double *shape, int64_t arms,
                              const double *peak)
{
    double radius = shape[0], axis_ratio = shape[1], sersic = shape[2], contrast = shape[4];
    double slope = 2.0 * sersic - 1.0 / 3.0, wind = 1.0 / tan(shape[3]);
    for (int64_t row = 0; row < height; row++)
        for (int64_t column = 0; column < width; column++) {
            double x = (double)column, y = (double)row;
            double u = to_major[0] * x + to_major[1] * y + to_major[2];
            double v = (to_major[3] * x + to_major[4] * y + to_major[5]) / axis_ratio;
            /* Because of the seeing, a cusp is no sharper than a star. */
            double r = sqrt(u * u + v * v + 1.5) / radius;
            if (r > 7.0)
                continue;
            double level = exp(-slope * (pow(r, 1.0 / sersic) - 1.0));
            if (arms > 0) {
                double phase = (double)arms * (atan2(v, u) - wind * log(r));
                level *= 1.0 + contrast * cos(phase) * smaller(1.0, 2.0 * r);
            } else if (contrast > 0.0) {
                level *= 1.0 + contrast * wisps(u / radius, v / radius);
            }
            float *pixel = light + row * width + column;
            *pixel = (float)((double)*pixel + level * peak[colours[2 * (row & 1) + (column & 1)]]);
        }
}

/* Add a straight line of light with a Gaussian cross-section; ``ends`` are x0, y0, x1, y1. */
EXPORT void crowdsky_add_trail(float *light, int64_t height, int64_t width, const int64_t *colours,
                               const double *ends, const double *peak, double sigma)
{
    double dx = ends[2] - ends[0], dy = ends[3] - ends[1], length = hypot(dx, dy);
    for (int64_t row = 0; row < height; row++)
        for (int64_t column = 0; column < width; column++) {
            double x = (double)column - ends[0], y = (double)row - ends[1];
            double across = (x * dy - y * dx) / length, along = (x * dx + y * dy) / length;
            if (fabs(across) >= 5.0 * sigma || along < 0.0 || along > length)
                continue;
            double level = exp(-0.5 * (across / sigma) * (across / sigma));
            float *pixel = light + row * width + column;
            *pixel = (float)((double)*pixel + level * peak[colours[2 * (row & 1) + (column & 1)]]);
        }
}
