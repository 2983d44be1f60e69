/* Sums of light in boxes of phase, for many stars at once; see box_kernels.py.
 *
 * A box is WIDTH bins of phase. Stars lie side by side in lanes: each sum is one of LANES sums. */

#include "crowdsky/base/compiled.h"

#define LANES 32
#define WIDTH 3

/* Fold the epochs, in order of time, with one period.
 *
 * bin: (epochs,), written: the bin of each.
 * begins: (most,), written: first bins of the boxes that hold epochs of at least ``least`` nights.
 * last, nights: (n_bins,), scratch.
 * Returns the number of ``begins``, at most n_bins. */
static ptrdiff_t fold(const double *times, const int32_t *night, ptrdiff_t epochs, double period,
                      int32_t n_bins, int32_t least, int32_t *bin, int32_t *begins, int32_t *last,
                      int32_t *nights)
{
    for (int32_t place = 0; place < n_bins; place++) {
        last[place] = -1;
        nights[place] = 0;
    }
    for (ptrdiff_t epoch = 0; epoch < epochs; epoch++) {
        double cycles = times[epoch] / period;
        int32_t at = (int32_t)((cycles - floor(cycles)) * n_bins);
        at = at < n_bins ? at : n_bins - 1;
        bin[epoch] = at;
        for (int32_t back = 0; back < WIDTH; back++) {
            int32_t begin = at >= back ? at - back : at - back + n_bins;
            nights[begin] += last[begin] != night[epoch];
            last[begin] = night[epoch];
        }
    }
    ptrdiff_t count = 0;
    for (int32_t place = 0; place < n_bins; place++)
        if (nights[place] >= least)
            begins[count++] = place;
    return count;
}

/* Fold with several periods: bin (periods, epochs), begins (periods, most), counts (periods,). */
EXPORT void crowdsky_fold_epochs(const double *times, const int32_t *night, ptrdiff_t epochs,
                                 const double *period, const int32_t *n_bins, ptrdiff_t periods,
                                 int32_t least, ptrdiff_t most, int32_t *bin, int32_t *begins,
                                 int32_t *counts, int32_t *scratch)
{
    for (ptrdiff_t row = 0; row < periods; row++)
        counts[row] = (int32_t)fold(times, night, epochs, period[row], n_bins[row], least,
                                    bin + row * epochs, begins + row * most, scratch,
                                    scratch + most);
}

/* Find the box that explains the light of each star best.
 *
 * pull, weight: (epochs, LANES); pull is weight times magnitude about the weighted mean.
 * total: (LANES,), sums of the weights.
 * bin, begins, counts: of `crowdsky_fold_epochs`; ``first`` is the number of their first period.
 * cells: (most + WIDTH - 1, 2, LANES), scratch; zeros, also afterwards.
 * power, box, number: (LANES,), the best so far: by how much it lowers chi-square, its first bin,
 * and the number of its period. */
EXPORT void crowdsky_best_boxes(const float *pull, const float *weight, const float *total,
                                ptrdiff_t epochs, const int32_t *bin, const int32_t *n_bins,
                                const int32_t *begins, const int32_t *counts, ptrdiff_t periods,
                                ptrdiff_t most, int32_t first, float *cells, float *power,
                                int32_t *box, int32_t *number)
{
    for (ptrdiff_t row = 0; row < periods; row++, bin += epochs, begins += most) {
        for (ptrdiff_t epoch = 0; epoch < epochs; epoch++) {
            float *into = cells + (ptrdiff_t)bin[epoch] * 2 * LANES;
            for (ptrdiff_t lane = 0; lane < LANES; lane++) {
                into[lane] += pull[epoch * LANES + lane];
                into[LANES + lane] += weight[epoch * LANES + lane];
            }
        }
        float *end = cells + (ptrdiff_t)n_bins[row] * 2 * LANES;
        for (ptrdiff_t cell = 0; cell < (WIDTH - 1) * 2 * LANES; cell++)
            end[cell] = cells[cell];
        for (ptrdiff_t place = 0; place < counts[row]; place++) {
            const float *own = cells + (ptrdiff_t)begins[place] * 2 * LANES;
            for (ptrdiff_t lane = 0; lane < LANES; lane++) {
                float lost = own[lane] + own[2 * LANES + lane] + own[4 * LANES + lane];
                float here = own[LANES + lane] + own[3 * LANES + lane] + own[5 * LANES + lane];
                float rest = total[lane] - here;
                float both = here * rest;
                float gain = lost * lost * total[lane] / (both > 0.0f ? both : 1.0f);
                int better = (lost > 0.0f) & (both > 0.0f) & (gain > power[lane]);
                power[lane] = better ? gain : power[lane];
                box[lane] = better ? begins[place] : box[lane];
                number[lane] = better ? first + (int32_t)row : number[lane];
            }
        }
        for (ptrdiff_t epoch = 0; epoch < epochs; epoch++) {
            float *into = cells + (ptrdiff_t)bin[epoch] * 2 * LANES;
            for (ptrdiff_t cell = 0; cell < 2 * LANES; cell++)
                into[cell] = 0.0f;
        }
        for (ptrdiff_t cell = 0; cell < (WIDTH - 1) * 2 * LANES; cell++)
            end[cell] = 0.0f;
    }
}
