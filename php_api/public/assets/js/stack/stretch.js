/**
 * Stretches the planes of a preview into eight bits.
 *
 * Light above the black point is compressed by an inverse hyperbolic sine (Lupton et al. 2004, PASP 116, 133), which is
 * linear near the noise and logarithmic far above it.
 */
const LEVELS = 65536;

export const USUAL = { black: -1, strength: 50, isLinked: true };

/**
 * @param {{facts: object, values: Uint16Array}} preview
 * @param {{black: number, strength: number, isLinked: boolean}} choice
 *   black: in standard deviations of the noise above the sky; strength: 0 (linear) to 100; isLinked: one scale for all
 *   colours, else each by its own noise and its own brightest light
 * @returns {Uint8ClampedArray} red, green, blue, opacity of each pixel; uncovered ones are black
 */
export function stretched(preview, choice) {
  const { facts, values } = preview;
  const size = facts.width * facts.height;
  const tables = tablesOf(facts, choice, brightestOf(preview));
  const pixels = new Uint8ClampedArray(4 * size);
  for (let channel = 0; channel < 3; channel++) {
    const plane = facts.planes === 1 ? 0 : channel;
    const [table, start] = [tables[plane], plane * size];
    for (let place = 0; place < size; place++) {
      pixels[4 * place + channel] = table[values[start + place]];
    }
  }
  for (let place = 3; place < pixels.length; place += 4) {
    pixels[place] = 255;
  }
  return pixels;
}

/** Light of the brightest thing in each plane that is larger than a pixel or two, ADU. */
export function brightestOf({ facts, values }) {
  const size = facts.width * facts.height;
  return facts.step.map((step, plane) => facts.zero[plane] + step * percentile(values.subarray(plane * size, (plane + 1) * size), 0.9995));
}

function percentile(plane, share) {
  const counts = new Uint32Array(LEVELS);
  let total = 0;
  for (const value of plane) {
    counts[value] += 1;
    total += value > 0 ? 1 : 0;
  }
  let left = (1 - share) * total;
  for (let value = LEVELS - 1; value > 0; value--) {
    left -= counts[value];
    if (left <= 0) {
      return value;
    }
  }
  return 1;
}

function tablesOf(facts, choice, brightest) {
  const common = { noise: mean(facts.noise), bright: Math.max(...brightest) };
  return facts.step.map((step, plane) => {
    const own = choice.isLinked ? common : { noise: facts.noise[plane], bright: brightest[plane] };
    return table(facts.zero[plane], step, own, choice);
  });
}

function table(zero, step, { noise, bright }, { black, strength }) {
  const unit = Math.max(noise, 1e-9);
  const dark = black * unit;
  const range = Math.max(bright - dark, 10 * unit);
  // From the whole range, which is linear, down to a third of the noise.
  const soft = range * (unit / (3 * range)) ** (strength / 100);
  const top = Math.asinh(range / soft);
  const levels = new Uint8ClampedArray(LEVELS);
  for (let value = 1; value < LEVELS; value++) {
    levels[value] = (255 * Math.asinh(Math.max(0, zero + value * step - dark) / soft)) / top;
  }
  return levels;
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
