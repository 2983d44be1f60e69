// The pixels that a header promises: one two-dimensional, uncompressed image (src/Fits/ImageShape.php).

import { FrameRefused } from './refused.js';

const COMPRESSED = 'The image is tile-compressed (fpack). Unpack it with funpack and upload the result.';

const badHeader = (sentence, values) => new FrameRefused('bad_header', sentence, values);

export const compressed = () => new FrameRefused('compressed', COMPRESSED);

/**
 * @param {object} sizes `sizes` of the site's table of cards
 * @returns {{width: number, height: number, bitpix: number}}
 * @throws {FrameRefused} when the header describes anything but a raw sub
 */
export function imageShape(cards, sizes) {
    if (cards.logical('ZIMAGE') === true) throw compressed();
    const bitpix = cards.integer('BITPIX');
    if (!sizes.bitpix.includes(bitpix)) {
        throw badHeader('The FITS header has no BITPIX that can be stacked ({known}).', { known: sizes.bitpix.join(', ') });
    }
    requireTwoAxes(cards.integer('NAXIS'));
    for (const keyword of ['BZERO', 'BSCALE']) {
        if (cards.isNoNumber(keyword)) {
            throw badHeader(
                '{keyword} in the FITS header is no number, so that the values of the pixels are not known.'
                + ' Write {keyword} as a number without quotes.',
                { keyword },
            );
        }
    }
    const [width, height] = ['NAXIS1', 'NAXIS2'].map((keyword) => axis(cards, keyword));
    requireSides(width, height, sizes);
    return { width, height, bitpix };
}

/** Checks the bytes behind the header; the last block may lack its padding. */
export function requireBytes({ width, height, bitpix }, given, blockBytes) {
    const promised = width * height * (Math.abs(bitpix) / 8);
    const values = { width, height, promised, given };
    if (given < promised) {
        throw new FrameRefused(
            'size_mismatch',
            'The header promises {width} x {height} pixels ({promised} bytes) but only {given} bytes follow it.'
            + ' The file is cut off; copy it from the telescope again.',
            values,
        );
    }
    if (given > Math.ceil(promised / blockBytes) * blockBytes) {
        throw new FrameRefused(
            'size_mismatch',
            'The header promises {width} x {height} pixels ({promised} bytes) but {given} bytes follow it.'
            + ' Upload the single-image file the telescope wrote.',
            values,
        );
    }
}

function requireTwoAxes(axes) {
    if (axes === null || axes < 0) throw badHeader('The FITS header has no valid NAXIS.');
    if (axes === 0) {
        throw new FrameRefused(
            'not_a_raw_sub',
            'The file holds no image in its first part. Upload the raw subs the telescope wrote.',
        );
    }
    if (axes !== 2) {
        throw new FrameRefused(
            'not_a_raw_sub',
            'The image has {axes} axes: this is a finished colour stack, not a raw sub.'
            + ' Upload the single “Light_...” frames; CrowdSky stacks them itself.',
            { axes },
        );
    }
}

function axis(cards, keyword) {
    const pixels = cards.integer(keyword);
    if (pixels === null || pixels < 1) throw badHeader('The FITS header has no valid {keyword}.', { keyword });
    return pixels;
}

function requireSides(width, height, { min_side_px: least, max_px: most }) {
    if (Math.min(width, height) >= least && width <= Math.floor(most / height)) return;
    throw badHeader(
        'The header claims {width} x {height} pixels; frames have at least {least} pixels a side and at most {most} in all.',
        { width, height, least, most },
    );
}
