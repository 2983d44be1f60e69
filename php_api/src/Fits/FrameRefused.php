<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/**
 * A file that cannot be accepted as a raw sub. The message tells its owner what is wrong with the file and what to do
 * about it.
 */
final class FrameRefused extends Refusal
{
    private function __construct(string $code, string $message)
    {
        parent::__construct(RefusalKind::BadInput, $code, $message);
    }

    /** The content is something other than FITS (a gzip, a web page, a picture ...). */
    public static function notFits(string $message): self
    {
        return new self('not_fits', $message);
    }

    /** The file ends early, or its header does: usually a copy that was interrupted. */
    public static function truncated(string $message): self
    {
        return new self('truncated', $message);
    }

    /** The header breaks the FITS rules or contradicts itself. */
    public static function badHeader(string $message): self
    {
        return new self('bad_header', $message);
    }

    /** The header promises a different amount of data than the file holds. */
    public static function sizeMismatch(string $message): self
    {
        return new self('size_mismatch', $message);
    }

    /** Proper FITS, but not the single two-dimensional light frame a raw sub is. */
    public static function notARawSub(string $message): self
    {
        return new self('not_a_raw_sub', $message);
    }

    /** Proper FITS, but not a finished stack in colour. */
    public static function notAStack(string $message): self
    {
        return new self('not_a_stack', $message);
    }

    /** Tile-compressed FITS: its unpacked size cannot be bounded before it is read. */
    public static function compressed(string $message): self
    {
        return new self('compressed', $message);
    }

    /** DATE-OBS is missing or cannot be read: the sub belongs to no chunk. */
    public static function noObservationTime(string $message): self
    {
        return new self('no_date_obs', $message);
    }
}
