<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Which clock the times of a header show, and which moment of the exposure DATE-OBS is.
 *
 * FITS has UTC and the start. Dwarf 3 and Mini write local time without a zone, and the end, which only the comment of
 * the card says. The worker reads the same table (crowdsky/frames/header_clock.py).
 */
enum HeaderClock: string
{
    case Utc = 'utc-start';
    case UtcEnd = 'utc-end';
    case Local = 'local-start';
    case LocalEnd = 'local-end';

    /** TIMESYS of times in a zone that the header does not name. */
    private const LOCAL_SYSTEM = 'LOCAL';

    /**
     * A comment that says start or end counts more than the model. A time with a zone is no local time, and neither are
     * those of a header with TIMESYS, unless that says LOCAL.
     */
    public static function of(HeaderCards $cards): self
    {
        $isModel = CardTable::facts()->hasLocalEndClock($cards);
        $system = $cards->text('TIMESYS');
        $hasZone = preg_match('/(?:Z|[+-]\d\d:\d\d)$/D', $cards->text('DATE-OBS') ?? '') === 1;
        $isLocal = !$hasZone && ($system === null ? $isModel : strtoupper($system) === self::LOCAL_SYSTEM);
        $comment = $cards->comment('DATE-OBS');
        $saysStart = preg_match('/\b(?:start|begin)/i', $comment) === 1;
        $saysEnd = preg_match('/\bend\b/i', $comment) === 1;
        $isEnd = $saysStart !== $saysEnd ? $saysEnd : $isModel;

        return match (true) {
            $isLocal => $isEnd ? self::LocalEnd : self::Local,
            default => $isEnd ? self::UtcEnd : self::Utc,
        };
    }

    public function isLocal(): bool
    {
        return $this === self::Local || $this === self::LocalEnd;
    }

    /** Whether DATE-OBS is the end of the exposure and not its start. */
    public function isAtEnd(): bool
    {
        return $this === self::UtcEnd || $this === self::LocalEnd;
    }
}
