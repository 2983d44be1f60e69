<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * What the header of a raw sub says, checked and in fixed units.
 *
 * Exposure in seconds; texts printable UTF-8 of at most 64 characters; null where the header
 * has no value.
 */
final class SubFrame
{
    private const MAX_TEXT = 64;

    public function __construct(
        /** start of the exposure: UTC, or local time where the clock is local */
        public readonly ObservationTime $dateObs,
        public readonly HeaderClock $clock,
        public readonly float $exposure,
        /** as the header has it, of the equinox */
        public readonly ?SkyPosition $position,
        /** of the position, Julian year */
        public readonly float $equinox,
        public readonly ?string $object,
        public readonly ?string $filter,
        public readonly ?string $telescope,
        public readonly ?string $instrument,
        public readonly int $width,
        public readonly int $height,
        public readonly int $bitpix,
        public readonly ?string $bayerPattern,
        public readonly ?int $eqMode,
        public readonly ?int $gain,
        public readonly bool $isWide,
    ) {
    }

    /** @throws FrameRefused for all but a light frame whose start, exposure and Bayer pattern are known */
    public static function fromHeader(HeaderCards $cards, ImageShape $shape): self
    {
        $exposure = self::requireLight($cards);
        $dateObs = self::startText($cards) ?? throw FrameRefused::noObservationTime(
            'The header has no DATE-OBS, so it is not known when the sub was taken.'
            . ' Upload the raw files as the telescope wrote them.'
        );

        $clock = HeaderClock::of($cards);
        $begun = self::start($dateObs, $cards, $clock, $exposure);

        return new self(
            dateObs: $begun,
            clock: $clock,
            exposure: $exposure,
            position: SkyPosition::fromHeader($cards),
            equinox: Equinox::ofHeader($cards, $begun),
            object: self::text($cards, 'OBJECT'),
            filter: self::text($cards, 'FILTER'),
            telescope: self::text($cards, 'TELESCOP'),
            instrument: self::text($cards, 'INSTRUME'),
            width: $shape->width,
            height: $shape->height,
            bitpix: $shape->bitpix,
            bayerPattern: CardTable::facts()->pattern($cards),
            eqMode: self::eqMode($cards),
            gain: self::gain($cards),
            isWide: CardTable::facts()->isWide($cards),
        );
    }

    /** The start of the exposure, by the clock of the header: a local time stays one, as if it were UTC. */
    private static function start(string $text, HeaderCards $cards, HeaderClock $clock, float $exposure): ObservationTime
    {
        $system = $clock->isLocal() ? 'UTC' : $cards->text('TIMESYS') ?? 'UTC';

        return ObservationTime::parse($text, $system, $clock->isAtEnd() ? $exposure : 0.0);
    }

    /** DATE-OBS; where it has only the day, with the time of day of the card that the older form of FITS has for it. */
    private static function startText(HeaderCards $cards): ?string
    {
        $date = $cards->text('DATE-OBS');
        if ($date === null || !preg_match('/^\d{4}-\d{2}-\d{2}$/D', $date)) {
            return $date;
        }
        foreach (CardTable::facts()->timeOfDay as $keyword) {
            $time = $cards->text($keyword);
            if ($time !== null && $time !== '') {
                return "{$date}T{$time}";
            }
        }

        return $date;
    }

    /** @return float seconds of exposure */
    private static function requireLight(HeaderCards $cards): float
    {
        $facts = CardTable::facts();
        $other = $facts->otherKind($cards);
        if ($other !== null) {
            throw FrameRefused::notARawSub("This is no light frame: {$other}. Upload the light frames only.");
        }
        $exposure = $facts->exposure($cards) ?? throw FrameRefused::badHeader(
            "The header has no {$facts->exposureCards()} above 0, so it is not known how long the sub was exposed."
        );
        $combined = $facts->combined($cards, $exposure);
        if ($combined !== null) {
            throw FrameRefused::notARawSub(
                "This is no raw sub but a finished stack ({$combined}). Upload the raw subs it was made of."
            );
        }

        return $exposure;
    }

    /** 1 for an equatorial mount, 0 for alt-az; written as a number or as a logical. */
    private static function eqMode(HeaderCards $cards): ?int
    {
        $mode = $cards->logical('EQMODE') ?? $cards->number('EQMODE');

        return in_array($mode, [0.0, 1.0, true, false], true) ? (int) $mode : null;
    }

    private static function gain(HeaderCards $cards): ?int
    {
        $gain = $cards->number('GAIN');

        return $gain !== null && abs($gain) < 1e6 ? (int) round($gain) : null;
    }

    private static function text(HeaderCards $cards, string $keyword): ?string
    {
        $text = $cards->text($keyword);
        if ($text === null) {
            return null;
        }
        $printable = preg_replace('/[\x00-\x1f\x7f]/', ' ', mb_scrub($text, 'UTF-8'));

        return mb_substr((string) $printable, 0, self::MAX_TEXT, 'UTF-8');
    }
}
