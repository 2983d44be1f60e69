/* The median of a list of numbers. */
#ifndef CROWDSKY_MEDIAN_H
#define CROWDSKY_MEDIAN_H

#include "crowdsky/base/compiled.h"

/* A list is padded to a multiple of this: so many values are counted at a time. */
#define MEDIAN_STEP 32

/* Return the median of the first `count` values: at least one, and none NaN. `values` is
 * overwritten and has room for `count`, rounded up to a multiple of MEDIAN_STEP. */
double crowdsky_middle_of(float *values, ptrdiff_t count);

#endif
