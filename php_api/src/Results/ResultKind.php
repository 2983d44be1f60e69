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
    /** The stack as a picture for a whole page, at most 1600 pixels wide or high. */
    case Picture = 'picture';
    /** The same with every pixel of the stack. */
    case Full = 'full';
    /** Its planes in 16 bits without the sky, which browsers stretch as their reader likes. */
    case Preview = 'preview';
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
            self::Picture => '_picture.jpg',
            self::Full => '_full.png',
            self::Preview => '_preview.png',
            self::Overlay => '_overlay.png',
            self::Stars => '_stars.json',
        };
    }

    /** Returns the first bytes of every such file. */
    public function start(): string
    {
        return match ($this) {
            self::Stack => 'SIMPLE  =',
            self::Thumbnail, self::Full, self::Preview, self::Overlay => "\x89PNG\r\n\x1a\n",
            self::Picture => "\xFF\xD8\xFF",
            self::Stars => '{',
        };
    }

    /** Names the format with its article. */
    public function format(): string
    {
        return match ($this) {
            self::Stack => 'a FITS file',
            self::Thumbnail, self::Full, self::Preview, self::Overlay => 'a PNG',
            self::Picture => 'a JPEG',
            self::Stars => 'a JSON object',
        };
    }

    /** Names the kind in sentences for people. */
    public function label(): string
    {
        return match ($this) {
            self::Stars => 'star list',
            self::Full => 'full picture',
            default => $this->value,
        };
    }

    public function contentType(): string
    {
        return match ($this) {
            self::Stack => 'application/fits',
            self::Stars => 'application/json',
            self::Picture => 'image/jpeg',
            default => 'image/png',
        };
    }

    /** Returns the column of stacked_frames, and the field of a report, with its path. */
    public function column(): string
    {
        return match ($this) {
            self::Stack => 'ucloud_path',
            self::Thumbnail => 'thumbnail_path',
            self::Picture => 'picture_path',
            self::Full => 'full_path',
            self::Preview => 'preview_path',
            self::Overlay => 'overlay_path',
            self::Stars => 'stars_path',
        };
    }

    /** @return list<self> all but the stack itself */
    public static function companions(): array
    {
        return array_values(array_filter(self::cases(), static fn (self $kind): bool => $kind !== self::Stack));
    }

    /** @return list<self> pictures of the pixels alone, which hold whatever is measured in them */
    public static function pictures(): array
    {
        return [self::Thumbnail, self::Picture, self::Full, self::Preview];
    }

    /** @return list<string> columns of stacked_frames with a path, that of the stack first */
    public static function columns(): array
    {
        return array_map(static fn (self $kind): string => $kind->column(), self::cases());
    }
}
