/* Where a position that changes evenly along a row is within bounds. */
#ifndef CROWDSKY_SPAN_H
#define CROWDSKY_SPAN_H

#include "crowdsky/base/compiled.h"

typedef struct {
    ptrdiff_t first, end;
} Span;

/* Return the integers x in [x0, x1) with low <= slope * x + offset <= high; none if any of them is
 * not a number. */
static inline Span span(double slope, double offset, double low, double high, ptrdiff_t x0,
                        ptrdiff_t x1)
{
    if (fabs(slope) < 1e-12)
        return (Span){x0, low <= offset && offset <= high ? x1 : x0};
    double first = (low - offset) / slope, last = (high - offset) / slope;
    if (first > last) {
        double swap = first;
        first = last;
        last = swap;
    }
    double start = ceil(first), end = floor(last) + 1.0;
    start = start > (double)x0 ? start : (double)x0;
    start = start < (double)x1 ? start : (double)x1;
    end = end > start ? end : start;
    end = end < (double)x1 ? end : (double)x1;
    return (Span){(ptrdiff_t)start, (ptrdiff_t)end};
}

#endif
