/* Common to all compiled loops; crowdsky/base/compiled.py loads them.
 *
 * Their wrappers in Python have checked types, shapes and indices. No function keeps a state or
 * allocates memory: scratch is passed in. Results do not depend on the processor: sums have a
 * fixed order, and a fused multiply-add is written as fmaf().
 */
#ifndef CROWDSKY_COMPILED_H
#define CROWDSKY_COMPILED_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* A function that Python calls; its name begins with crowdsky_. */
#define EXPORT __attribute__((visibility("default")))

#endif
