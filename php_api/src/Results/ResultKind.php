<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * The files that one finished job leaves in storage, all under the same stem.
 */
enum ResultKind: string
{
    case Stack = 'stack';
    case Thumbnail = 'thumbnail';
    /** The stack as a picture with stars and objects marked. */
    case Overlay = 'overlay';
    /** Every detected star as JSON. */
    case Stars = 'stars';

    /** Returns what follows the stem in the file's name. */
    public function suffix(): string
    {
        return match ($this) {
            self::Stack => '.fits',
            self::Thumbnail => '_thumb.png',
            self::Overlay => '_overlay.png',
            self::Stars => '_stars.json',
        };
    }

    /** Returns the first bytes of every such file. */
    public function start(): string
    {
        return match ($this) {
            self::Stack => 'SIMPLE  =',
            self::Thumbnail, self::Overlay => "\x89PNG\r\n\x1a\n",
            self::Stars => '{',
        };
    }

    /** Names the format with its article. */
    public function format(): string
    {
        return match ($this) {
            self::Stack => 'a FITS file',
            self::Thumbnail, self::Overlay => 'a PNG',
            self::Stars => 'a JSON object',
        };
    }

    /** Names the kind in sentences for people. */
    public function label(): string
    {
        return $this === self::Stars ? 'star list' : $this->value;
    }
}
