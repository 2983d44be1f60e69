/* Centres, widths and light of the stars of a frame; see frame.py. */
#include "crowdsky/stacking/kernels/frame.h"

/* Half the side of the largest window, pixels. */
#define MAX_REACH 32
#define MAX_TRIALS 20
/* Number of columns of ``out``. */
#define STAR_COLUMNS 7

typedef struct {
    const float *mosaic;
    ptrdiff_t height, width;
} Frame;

/* How stars are measured: the Gaussian window (sigma squared), the half sides of window and
 * aperture, and the radius of the aperture; pixels. */
typedef struct {
    double window, radius;
    ptrdiff_t reach, far;
} Measure;

/* The first and second moments of a star in the window, about its centre so far. */
typedef struct {
    double total, x, y, xx, yy, xy;
} Moments;

/* The mean of 2x2 pixels has every colour of the pattern once at any position. */
static inline double running_mean(const Frame *frame, ptrdiff_t u, ptrdiff_t v)
{
    const float *pixel = frame->mosaic + v * frame->width + u;
    return 0.25 * (pixel[0] + pixel[1] + pixel[frame->width] + pixel[frame->width + 1]);
}

/* Fill in the weights of columns (or rows) of the window around the integer ``at``, times 1, the
 * offset from the centre, and its square. */
static void fill_window(double *weights, ptrdiff_t at, double centre, const Measure *how)
{
    for (ptrdiff_t k = 0; k <= 2 * how->reach; k++) {
        double off = (double)(at - how->reach + k) - centre;
        double weight = exp(-0.5 * off * off / how->window);
        weights[3 * k] = weight;
        weights[3 * k + 1] = weight * off;
        weights[3 * k + 2] = weight * off * off;
    }
}

/* Sum the moments in the window. It is the product of one along x and one along y. */
static Moments window_moments(const Frame *frame, const Measure *how, double cx, double cy,
                              double sky)
{
    double across[3 * (2 * MAX_REACH + 1)], down[3 * (2 * MAX_REACH + 1)];
    ptrdiff_t left = (ptrdiff_t)rint(cx) - how->reach, top = (ptrdiff_t)rint(cy) - how->reach;
    Moments sums = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    fill_window(across, left + how->reach, cx, how);
    fill_window(down, top + how->reach, cy, how);
    for (ptrdiff_t v = 0; v <= 2 * how->reach; v++) {
        double plain = 0.0, first = 0.0, second = 0.0;
        for (ptrdiff_t u = 0; u <= 2 * how->reach; u++) {
            double value = running_mean(frame, left + u, top + v) - sky;
            plain += value * across[3 * u];
            first += value * across[3 * u + 1];
            second += value * across[3 * u + 2];
        }
        sums.total += plain * down[3 * v];
        sums.x += first * down[3 * v];
        sums.y += plain * down[3 * v + 1];
        sums.xx += second * down[3 * v];
        sums.yy += plain * down[3 * v + 2];
        sums.xy += first * down[3 * v + 1];
    }
    return sums;
}

/* Whether window and aperture around a place lie in the frame. */
static int fits_in(const Frame *frame, const Measure *how, double cx, double cy)
{
    double edge = (double)(how->reach > how->far ? how->reach : how->far);
    double x = rint(cx), y = rint(cy);
    return x >= edge && y >= edge && x < (double)frame->width - edge - 1.0 &&
           y < (double)frame->height - edge - 1.0;
}

/* Move a centre, first guess (*cx, *cy), to that of the star. Returns whether it came to rest;
 * ``moments`` are then central and divided by the light. */
static int settle(const Frame *frame, const Measure *how, double sky, double *cx, double *cy,
                  Moments *moments)
{
    double from_x = *cx, from_y = *cy, reach = (double)how->reach;
    for (int trial = 0; trial < MAX_TRIALS; trial++) {
        if (!fits_in(frame, how, *cx, *cy))
            return 0;
        Moments sums = window_moments(frame, how, *cx, *cy, sky);
        if (!(sums.total > 0.0))
            return 0;
        double x = sums.x / sums.total, y = sums.y / sums.total;
        moments->xx = sums.xx / sums.total - x * x;
        moments->yy = sums.yy / sums.total - y * y;
        moments->xy = sums.xy / sums.total - x * y;
        /* In a Gaussian window of its own size, a Gaussian star moves by half of its offset. */
        *cx += 2.0 * x;
        *cy += 2.0 * y;
        if (fabs(*cx - from_x) > reach || fabs(*cy - from_y) > reach)
            return 0;
        if (x * x + y * y < 1e-6)
            return 1;
    }
    return 0;
}

/* Sum the light in the aperture, and find the highest pixel near the centre. */
static void sum_light(const Frame *frame, const Measure *how, double sky, double cx, double cy,
                      double *light, double *highest)
{
    ptrdiff_t ix = (ptrdiff_t)rint(cx), iy = (ptrdiff_t)rint(cy);
    *light = 0.0;
    *highest = 0.0;
    for (ptrdiff_t v = iy - how->far; v <= iy + how->far; v++)
        for (ptrdiff_t u = ix - how->far; u <= ix + how->far; u++) {
            double dx = (double)u - cx, dy = (double)v - cy, distance = sqrt(dx * dx + dy * dy);
            double inside = least_of(1.0, most(0.0, how->radius + 0.5 - distance));
            *light += inside * (running_mean(frame, u, v) - sky);
            if (distance < 2.5)
                *highest = most(*highest, frame->mosaic[v * frame->width + u]);
        }
}

/* Remove the window from the moments, then the 2x2 mean (1/4 px^2 per axis). */
static void own_shape(Moments seen, double window, double *shape)
{
    double determinant = seen.xx * seen.yy - seen.xy * seen.xy;
    double xx = seen.xx, yy = seen.yy, xy = seen.xy;
    if (determinant > 0.0) {
        double ixx = seen.yy / determinant - 1.0 / window;
        double iyy = seen.xx / determinant - 1.0 / window;
        double ixy = -seen.xy / determinant;
        double inverse = ixx * iyy - ixy * ixy;
        int narrower = inverse > 0.0 && ixx > 0.0;
        xx = narrower ? iyy / inverse : 4.0 * window;
        yy = narrower ? ixx / inverse : 4.0 * window;
        xy = narrower ? -ixy / inverse : 0.0;
    }
    shape[0] = xx - 0.25;
    shape[1] = yy - 0.25;
    shape[2] = xy;
}

/* Measure centroids and shapes of stars into ``out`` (count, STAR_COLUMNS); the window of
 * ceil(3 sigma) must not exceed MAX_REACH. */
EXPORT void crowdsky_measure_stars(const float *mosaic, ptrdiff_t height, ptrdiff_t width,
                                   const double *x, const double *y, const double *sky,
                                   ptrdiff_t count, double sigma, double radius, double *out)
{
    Frame frame = {mosaic, height, width};
    Measure how = {sigma * sigma, radius, (ptrdiff_t)ceil(3.0 * sigma), (ptrdiff_t)ceil(radius) + 1};
    for (ptrdiff_t star = 0; star < count; star++) {
        double *row = out + STAR_COLUMNS * star;
        /* The running mean is shifted by half a pixel. */
        double cx = x[star] - 0.5, cy = y[star] - 0.5;
        Moments moments = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
        int settled = settle(&frame, &how, sky[star], &cx, &cy, &moments);
        /* The last step may have led across the edge. */
        settled = settled && fits_in(&frame, &how, cx, cy);
        row[0] = settled ? cx + 0.5 : NAN;
        row[1] = cy + 0.5;
        if (!settled)
            continue;
        sum_light(&frame, &how, sky[star], cx, cy, &row[2], &row[6]);
        own_shape(moments, how.window, row + 3);
    }
}
