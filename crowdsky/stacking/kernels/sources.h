/* Common to the loops that find sources in a picture without sky; see sources.py.
 *
 * The method is that of SExtractor (Bertin & Arnouts 1996): smooth and cut at a threshold
 * (source_runs.c), measure (source_shape.c), split what has several peaks by further thresholds
 * (source_split.c), and drop what is only the wing of a brighter source (sources.c). */
#ifndef CROWDSKY_SOURCES_H
#define CROWDSKY_SOURCES_H

#include <string.h>

#include "crowdsky/base/compiled.h"

#define PI 3.14159265358979323846
/* Number of thresholds between that of the detection and the peak at which a source may split. */
#define STEPS 16
#define NO_ROOM (-1)
#define NO_MEMORY (-2)

typedef struct {
    int32_t y, start, stop; /* the columns [start, stop) */
    int32_t parent;         /* a run of the same source; itself for the first of a source */
    int32_t next;           /* the next run of the source, -1 after the last */
    int32_t last;           /* the last run of the source, for its first one */
} Run;

typedef struct {
    int32_t x, y;
    int32_t owner; /* the part that it belongs to, -1 while it is free */
    float value, smooth;
} Pixel;

typedef struct {
    double x, y, xx, yy, xy;      /* centroid and second moments, px and px^2 */
    double flux, light, peak;     /* of the picture; of the smoothed one */
    double a, b, cxx, cyy, cxy;   /* half axes, px, and the coefficients of the ellipse */
    double correction;            /* of the axes, for the light below the threshold */
    double margin;                /* by how much its least area exceeds the threshold */
    int64_t area;
} Source;

/* A connected part of a source above one of the thresholds. */
typedef struct {
    int32_t step, parent;
    int64_t area;
    double light;
    int32_t branches; /* number of parts that it splits into */
    int counts;       /* whether it has enough light to be one of these */
    int chosen;       /* whether it is a source of its own */
} Part;

/* The box around a source, with a border of one pixel; cells hold the index of a pixel or -1. */
typedef struct {
    int64_t width, size;
    int32_t left, top;
    int32_t *pixel;
    int32_t *label; /* the part at the threshold in work, by pixel */
    int32_t *stack;
} Box;

/* What splitting works with. */
typedef struct {
    Pixel *pixels;
    Box box;
    Part *parts;
    int32_t *number;
    int64_t most_parts;
} Scratch;

/* Smooth the picture and list all runs; returns their number, or NO_ROOM. */
int64_t crowdsky_source_runs(const float *picture, ptrdiff_t height, ptrdiff_t width,
                             float threshold, float *sums, float *smooth, Run *runs, int64_t room);

/* Measure the pixels of one owner; ``threshold`` is the level above which they are. */
Source crowdsky_measure_source(const Pixel *pixels, int64_t count, int32_t owner, double threshold,
                               int64_t least_area);

/* Measure a source or the sources that it splits into; returns their number, or NO_ROOM. */
int64_t crowdsky_split_source(Scratch *scratch, int64_t count, double threshold,
                              int64_t least_area, Source *sources, int64_t room);

#endif
