/* Which level of the x86-64 instruction set this processor and its operating system have. */
#include "crowdsky/base/compiled.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* Compilers know the names of these three only lately; the ones below imply that the system
 * saves the wide registers. */
static int has_count_convert_and_swap(void)
{
    unsigned a, b, basic, extended, d;
    if (!__get_cpuid(1, &a, &b, &basic, &d) || !__get_cpuid(0x80000001, &a, &b, &extended, &d))
        return 0;
    return (extended & bit_LZCNT) && (basic & bit_F16C) && (basic & bit_MOVBE);
}

/* Return 1 to 4, as in x86-64-v3. */
EXPORT int crowdsky_processor_level(void)
{
    __builtin_cpu_init();
    if (!(__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt")))
        return 1;
    if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
          && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma")
          && has_count_convert_and_swap()))
        return 2;
    if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
          && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
          && __builtin_cpu_supports("avx512vl")))
        return 3;
    return 4;
}
#endif
