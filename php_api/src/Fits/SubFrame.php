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
        $dateObs = HeaderFacts::startText($cards) ?? throw FrameRefused::noObservationTime(
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
            object: HeaderFacts::text($cards, 'OBJECT'),
            filter: HeaderFacts::text($cards, 'FILTER'),
            telescope: HeaderFacts::text($cards, 'TELESCOP'),
            instrument: HeaderFacts::text($cards, 'INSTRUME'),
            width: $shape->width,
            height: $shape->height,
            bitpix: $shape->bitpix,
            bayerPattern: CardTable::facts()->pattern($cards),
            eqMode: HeaderFacts::eqMode($cards),
            gain: HeaderFacts::gain($cards),
            isWide: CardTable::facts()->isWide($cards),
        );
    }

    /** The start of the exposure, by the clock of the header: a local time stays one, as if it were UTC. */
    private static function start(string $text, HeaderCards $cards, HeaderClock $clock, float $exposure): ObservationTime
    {
        $system = $clock->isLocal() ? 'UTC' : $cards->text('TIMESYS') ?? 'UTC';

        return ObservationTime::parse($text, $system, $clock->isAtEnd() ? $exposure : 0.0);
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
}
