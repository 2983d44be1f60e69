/* The inner loop of the triangle matcher.
 *
 * A plate of known handedness is one complex factor and a shift: sky = shift + factor * detection.
 * Sky positions are arcseconds on the tangent plane of the tile, picture positions 0-based pixels.
 * What the arrays hold is in triangle_kernels.py.
 */
#include "crowdsky/base/compiled.h"

/* Length in pixels of the shortest pair; shorter ones fix the rotation too badly to predict a third
 * star. */
#define MIN_PAIR_PX 60.0
/* Spread in pixels of the hits below which the rotation is undetermined. When all catalogue stars
 * meet the same detection, only rounding is left of the spread, and the fitted factor would be 0. */
#define MIN_SPREAD_PX 1.0
#define RASTER_EMPTY (-1)

typedef struct {
    double x, y;
} Point;

typedef struct {
    Point factor, shift;
} Plate;

/* The detections of a picture, brightest first, and a raster to look them up in. */
typedef struct {
    const Point *stars;
    int64_t n_stars;
    Point middle, low;
    double cell;
    const int32_t *raster;
    int64_t rows, columns;
} Picture;

/* The catalogue stars of one tile, pairs of the bright ones by length, and a bitmap of these. */
typedef struct {
    const Point *stars;
    int64_t n_stars;
    const int32_t *first, *second;
    const double *length;
    int64_t n_pairs;
    const uint8_t *marks;
    int64_t size;
    Point low;
    double cell, reach;
} Tile;

typedef struct {
    int64_t n_bright, max_pairs, max_hypotheses, third_stars, needed;
    double longest_px, scale, scale_tolerance, chance, accept;
} Search;

typedef struct {
    double log_chance;
    Plate plate;
} Weighed;

typedef struct {
    int64_t hits, inside;
    Plate plate;
} Fitted;

static inline Point plus(Point a, Point b) { return (Point){a.x + b.x, a.y + b.y}; }
static inline Point minus(Point a, Point b) { return (Point){a.x - b.x, a.y - b.y}; }
static inline Point scaled(Point a, double by) { return (Point){a.x * by, a.y * by}; }
static inline double squared(Point a) { return a.x * a.x + a.y * a.y; }

static inline Point times(Point a, Point b)
{
    return (Point){a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x};
}

/* The conjugate of a, times b. */
static inline Point conjugate_times(Point a, Point b)
{
    return (Point){a.x * b.x + a.y * b.y, a.x * b.y - a.y * b.x};
}

static inline Point over(Point a, Point b) { return scaled(conjugate_times(b, a), 1.0 / squared(b)); }

/* The cell of a place, or one far outside where there is none. */
static inline int64_t cell_at(double place, double low, double cell)
{
    double at = (place - low) / cell;
    return at > -2.0 && at < 1e9 ? (int64_t)at : -9;
}

static inline int64_t low_side(int64_t at) { return at > 0 ? at - 1 : 0; }
static inline int64_t high_side(int64_t at, int64_t size) { return at + 2 < size ? at + 2 : size; }

/* Paint points from the last (faintest) to the first into the cells around them, so that the
 * brightest gets a shared cell. The raster, (rows, columns), is RASTER_EMPTY before. */
EXPORT void crowdsky_paint(const Point *points, int64_t count, const double *low, double cell,
                           int32_t *raster, int64_t rows, int64_t columns)
{
    for (int64_t point = count - 1; point >= 0; point--) {
        int64_t column = cell_at(points[point].x, low[0], cell);
        int64_t row = cell_at(points[point].y, low[1], cell);
        for (int64_t j = low_side(row); j < high_side(row, rows); j++)
            for (int64_t i = low_side(column); i < high_side(column, columns); i++)
                raster[j * columns + i] = (int32_t)point;
    }
}

/* Set the bits of the cells around each point. A line of the bitmap has whole bytes. */
EXPORT void crowdsky_mark(const Point *points, int64_t count, const double *low, double cell,
                          uint8_t *marks, int64_t size)
{
    int64_t bytes = (size + 7) / 8;
    for (int64_t point = 0; point < count; point++) {
        int64_t column = cell_at(points[point].x, low[0], cell);
        int64_t row = cell_at(points[point].y, low[1], cell);
        for (int64_t j = low_side(row); j < high_side(row, size); j++)
            for (int64_t i = low_side(column); i < high_side(column, size); i++)
                marks[j * bytes + (i >> 3)] |= (uint8_t)(1u << (i & 7));
    }
}

/* List pairs no longer than ``longest``: both rows, the smaller first, and the length. The points
 * are visited in the order ``eastward``, of growing x. There must be room for all pairs. */
EXPORT int64_t crowdsky_pairs_up_to(const Point *points, const int64_t *eastward, int64_t count,
                                    double longest, int32_t *first, int32_t *second, double *length)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = i + 1; j < count; j++) {
            int64_t a = eastward[i], b = eastward[j];
            Point step = minus(points[b], points[a]);
            if (step.x > longest)
                break;
            if (squared(step) > longest * longest)
                continue;
            first[found] = (int32_t)(a < b ? a : b);
            second[found] = (int32_t)(a < b ? b : a);
            length[found++] = hypot(step.x, step.y);
        }
    }
    return found;
}

/* The detection painted at a place, or RASTER_EMPTY. */
static inline int32_t look_up(const Picture *picture, Point place)
{
    double x = (place.x - picture->low.x) / picture->cell;
    double y = (place.y - picture->low.y) / picture->cell;
    if (!(x >= 0.0 && y >= 0.0 && x < (double)picture->columns && y < (double)picture->rows))
        return RASTER_EMPTY;
    return picture->raster[(int64_t)y * picture->columns + (int64_t)x];
}

/* Sums over the catalogue stars that meet a detection, for a least-squares plate. */
typedef struct {
    Point detections, stars, products;
    double squares;
} Sums;

static Plate plate_from(Sums sums, int64_t hits, Plate before)
{
    if (hits < 2)
        return before;
    double n = (double)hits;
    double spread = sums.squares - squared(sums.detections) / n;
    if (spread <= n * MIN_SPREAD_PX * MIN_SPREAD_PX)
        return before;
    Point mixed = scaled(conjugate_times(sums.detections, sums.stars), 1.0 / n);
    Point factor = scaled(minus(sums.products, mixed), 1.0 / spread);
    Point shift = scaled(minus(sums.stars, times(factor, sums.detections)), 1.0 / n);
    return (Plate){factor, shift};
}

/* Try a plate on all catalogue stars, and refit it to those that meet a detection. */
static Fitted count_and_fit(Plate plate, const Picture *picture, const Point *stars, int64_t count,
                            double tolerance_px)
{
    double high_x = picture->low.x + (double)picture->columns * picture->cell;
    double high_y = picture->low.y + (double)picture->rows * picture->cell;
    Point back = over((Point){1.0, 0.0}, plate.factor);
    Sums sums = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, 0.0};
    Fitted fitted = {0, 0, plate};
    for (int64_t star = 0; star < count; star++) {
        Point place = times(minus(stars[star], plate.shift), back);
        if (!(picture->low.x <= place.x && place.x < high_x && picture->low.y <= place.y &&
              place.y < high_y))
            continue;
        fitted.inside++;
        int32_t found = look_up(picture, place);
        if (found < 0)
            continue;
        Point detection = picture->stars[found];
        if (squared(minus(detection, place)) > tolerance_px * tolerance_px)
            continue;
        fitted.hits++;
        sums.detections = plus(sums.detections, detection);
        sums.stars = plus(sums.stars, stars[star]);
        sums.products = plus(sums.products, conjugate_times(detection, stars[star]));
        sums.squares += squared(detection);
    }
    fitted.plate = plate_from(sums, fitted.hits, plate);
    return fitted;
}

/* Bound ln P(hits of inside by chance) (Chernoff), without the two stars of the pair. */
static double log_chance(int64_t hits, int64_t inside, double chance)
{
    hits -= 2;
    inside -= 2;
    if (hits <= 0 || inside <= 0)
        return 0.0;
    double share = (double)hits / (double)inside;
    if (share <= chance)
        return 0.0;
    double divergence = share * log(share / chance);
    if (share < 1.0)
        divergence += (1.0 - share) * log((1.0 - share) / (1.0 - chance));
    return -(double)inside * divergence;
}

/* Fit a hypothesis to the catalogue three times. */
static Weighed weigh(Plate plate, const Picture *picture, const Tile *tile, double chance)
{
    double tolerances[3] = {2.0 * picture->cell, picture->cell, picture->cell};
    Fitted fitted = {0, 0, plate};
    for (int trial = 0; trial < 3; trial++) {
        fitted = count_and_fit(fitted.plate, picture, tile->stars, tile->n_stars, tolerances[trial]);
        if (fitted.hits < 3)
            break;
    }
    return (Weighed){log_chance(fitted.hits, fitted.inside, chance), fitted.plate};
}

/* Whether enough detections up to ``last``, beside those of the pair, meet a bright star. */
static int enough_meet(Plate plate, const Picture *picture, const Tile *tile, int64_t first,
                       int64_t second, int64_t last, int64_t needed)
{
    /* In cells of the bitmap, so that a place is one multiplication away from its bit. */
    Point factor = scaled(plate.factor, 1.0 / tile->cell);
    Point shift = scaled(minus(plate.shift, tile->low), 1.0 / tile->cell);
    int64_t bytes = (tile->size + 7) / 8, met = 0;
    double size = (double)tile->size;
    for (int64_t third = 0; third < last; third++) {
        if (third == first || third == second)
            continue;
        Point at = plus(shift, times(factor, picture->stars[third]));
        if (!(at.x >= 0.0 && at.y >= 0.0 && at.x < size && at.y < size))
            continue;
        int64_t column = (int64_t)at.x, row = (int64_t)at.y;
        met += (tile->marks[row * bytes + (column >> 3)] >> (column & 7)) & 1;
        if (met >= needed)
            return 1;
    }
    return 0;
}

/* The number of pairs shorter than ``limit``. */
static int64_t pairs_below(const Tile *tile, double limit)
{
    int64_t low = 0, high = tile->n_pairs;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (tile->length[middle] < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Compare two detections with the catalogue pairs ``start`` to ``stop``, in both directions. Puts
 * the best plate into ``best``, and returns whether that one is good enough to end the search. */
static int try_pair(const Picture *picture, const Tile *tile, const Search *search, int64_t first,
                    int64_t second, int64_t start, int64_t stop, Weighed *best)
{
    Point step = minus(picture->stars[second], picture->stars[first]);
    Point back = over((Point){1.0, 0.0}, step);
    int64_t last = second + 1 + search->third_stars;
    if (last > picture->n_stars)
        last = picture->n_stars;
    for (int64_t trial = 2 * start; trial < 2 * stop; trial++) {
        int turned = (int)(trial & 1);
        Point a = tile->stars[turned ? tile->second[trial / 2] : tile->first[trial / 2]];
        Point b = tile->stars[turned ? tile->first[trial / 2] : tile->second[trial / 2]];
        Plate plate;
        plate.factor = times(minus(b, a), back);
        plate.shift = minus(a, times(plate.factor, picture->stars[first]));
        Point middle = plus(plate.shift, times(plate.factor, picture->middle));
        /* The middle of the picture belongs to another tile. */
        if (squared(middle) > tile->reach * tile->reach)
            continue;
        if (!enough_meet(plate, picture, tile, first, second, last, search->needed))
            continue;
        Weighed found = weigh(plate, picture, tile, search->chance);
        if (found.log_chance < best->log_chance) {
            *best = found;
            if (found.log_chance <= search->accept)
                return 1;
        }
    }
    return 0;
}

/* Try pairs of bright detections in the order of their summed ranks. */
static Weighed search_pairs(const Picture *picture, const Tile *tile, const Search *search)
{
    Weighed best = {0.0, {{0.0, 0.0}, {0.0, 0.0}}};
    int64_t tried = 0, hypotheses = 0, n = search->n_bright;
    for (int64_t rank_sum = 1; rank_sum < 2 * n - 2; rank_sum++) {
        for (int64_t first = rank_sum < n ? 0 : rank_sum - n + 1; first < (rank_sum + 1) / 2;
             first++) {
            int64_t second = rank_sum - first;
            Point step = minus(picture->stars[second], picture->stars[first]);
            double length = hypot(step.x, step.y);
            if (!(length >= MIN_PAIR_PX && length <= search->longest_px))
                continue;
            tried++;
            if (tried > search->max_pairs || hypotheses > search->max_hypotheses)
                return best;
            double on_sky = length * search->scale;
            int64_t start = pairs_below(tile, on_sky * (1.0 - search->scale_tolerance));
            int64_t stop = pairs_below(tile, on_sky * (1.0 + search->scale_tolerance));
            hypotheses += 2 * (stop - start);
            if (try_pair(picture, tile, search, first, second, start, stop, &best))
                return best;
        }
    }
    return best;
}

/* ``place`` is the middle (x, y), the lower left corner (x, y) and the cell of the raster. */
static Picture picture_of(const Point *stars, int64_t n_stars, const int32_t *raster, int64_t rows,
                          int64_t columns, const double *place)
{
    Picture picture = {stars, n_stars, {place[0], place[1]}, {place[2], place[3]}, place[4],
                       raster, rows, columns};
    return picture;
}

/* Look for the plate of a picture among the stars of a tile; see ``search_tile`` in Python.
 *
 * tile_place: lower left corner (x, y) and cell of the bitmap, reach of the tile.
 * counts: n_bright, max_pairs, max_hypotheses, third_stars, needed.
 * limits: longest_px, scale, scale_tolerance, chance, accept.
 * out: ln chance, factor (x, y), shift (x, y). */
EXPORT void crowdsky_search_tile(const Point *detections, int64_t n_detections,
                                 const int32_t *raster, int64_t rows, int64_t columns,
                                 const double *picture_place, const Point *stars, int64_t n_stars,
                                 const int32_t *first, const int32_t *second, const double *length,
                                 int64_t n_pairs, const uint8_t *marks, int64_t size,
                                 const double *tile_place, const int64_t *counts,
                                 const double *limits, double *out)
{
    Picture picture = picture_of(detections, n_detections, raster, rows, columns, picture_place);
    Tile tile = {stars, n_stars, first, second, length, n_pairs, marks, size,
                 {tile_place[0], tile_place[1]}, tile_place[2], tile_place[3]};
    Search search = {counts[0], counts[1], counts[2], counts[3], counts[4],
                     limits[0], limits[1], limits[2], limits[3], limits[4]};
    Weighed best = search_pairs(&picture, &tile, &search);
    out[0] = best.log_chance;
    out[1] = best.plate.factor.x;
    out[2] = best.plate.factor.y;
    out[3] = best.plate.shift.x;
    out[4] = best.plate.shift.y;
}

/* One trial of a plate, ``before`` (factor, shift), for the tests of its fit: out is hits, stars
 * inside, factor and shift. */
EXPORT void crowdsky_count_and_fit(const double *before, const Point *detections,
                                   int64_t n_detections, const int32_t *raster, int64_t rows,
                                   int64_t columns, const double *place, const Point *stars,
                                   int64_t n_stars, double tolerance_px, double *out)
{
    Picture picture = picture_of(detections, n_detections, raster, rows, columns, place);
    Plate plate = {{before[0], before[1]}, {before[2], before[3]}};
    Fitted fitted = count_and_fit(plate, &picture, stars, n_stars, tolerance_px);
    out[0] = (double)fitted.hits;
    out[1] = (double)fitted.inside;
    out[2] = fitted.plate.factor.x;
    out[3] = fitted.plate.factor.y;
    out[4] = fitted.plate.shift.x;
    out[5] = fitted.plate.shift.y;
}
