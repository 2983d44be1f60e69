<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** What a finished stack says of itself, whichever program made it. What it does not say is null. */
final class FinishedStack
{
    private const PIECE = 1 << 20;
    private const MOST_FRAMES = 1_000_000;
    private const MOST_SECONDS = 1e8;
    /** Cards for the number of combined frames, the first usable one counts. */
    private const COUNTS = ['STACKCNT', 'NIMAGES', 'NCOMBINE', 'STACKNUM', 'NCOADDS', 'SNAPSHOT'];

    private function __construct(
        public readonly StackPicture $picture,
        /** start of the first exposure: UTC, or local time where the clock is local */
        public readonly ?ObservationTime $dateObs,
        public readonly HeaderClock $clock,
        /** as the header has it, of the equinox */
        public readonly ?SkyPosition $position,
        /** of the position, Julian year */
        public readonly float $equinox,
        public readonly ?string $object,
        public readonly ?string $filter,
        public readonly ?string $telescope,
        public readonly ?string $instrument,
        public readonly ?int $eqMode,
        public readonly ?int $gain,
        public readonly bool $isWide,
        /** combined frames */
        public readonly ?int $frames,
        /** seconds of one of them */
        public readonly ?float $exposure,
        /** seconds of all of them */
        public readonly ?float $totalExposure,
    ) {
    }

    /**
     * Reads the whole file, piece by piece.
     *
     * @throws FrameRefused when it is no finished stack in colour, is damaged, or has a start that cannot be read
     */
    public static function read(string $path): self
    {
        $cards = (new HeaderReader())->primaryCards($path);
        $outline = self::outline($path);
        $picture = StackPicture::of($outline->parts());
        $start = HeaderFacts::startText($cards);
        $clock = HeaderClock::of($cards);
        $system = $clock->isLocal() ? 'UTC' : $cards->text('TIMESYS') ?? 'UTC';
        $begun = $start === null ? null : ObservationTime::parse($start, $system);
        [$frames, $exposure, $total] = self::exposure($cards);

        return new self(
            picture: $picture,
            dateObs: $begun,
            clock: $clock,
            position: SkyPosition::fromHeader($cards),
            equinox: $begun === null ? Precession::J2000 : Equinox::ofHeader($cards, $begun),
            object: HeaderFacts::text($cards, 'OBJECT'),
            filter: HeaderFacts::text($cards, 'FILTER'),
            telescope: HeaderFacts::text($cards, 'TELESCOP'),
            instrument: HeaderFacts::text($cards, 'INSTRUME'),
            eqMode: HeaderFacts::eqMode($cards),
            gain: HeaderFacts::gain($cards),
            isWide: CardTable::facts()->isWide($cards),
            frames: $frames,
            exposure: $exposure,
            totalExposure: $total,
        );
    }

    private static function outline(string $path): FitsOutline
    {
        $outline = new FitsOutline();
        $stream = fopen($path, 'rb');
        while (!feof($stream)) {
            $outline->feed((string) fread($stream, self::PIECE));
        }
        fclose($stream);
        if ($outline->problem() !== null) {
            throw FrameRefused::truncated("The file cannot be used: {$outline->problem()}. Send it again.");
        }
        foreach ($outline->parts() as $number => $part) {
            if ($part->sumProblem !== null) {
                throw FrameRefused::truncated("Part $number of the file is damaged: it differs from its own {$part->sumProblem}. Send it again.");
            }
        }

        return $outline;
    }

    /**
     * Readers decide what EXPTIME means by which other cards there are (section 6.3 of the contract): of one frame beside
     * TOTALEXP, of all of them beside NIMAGES, else of one.
     *
     * @return array{int|null, float|null, float|null} frames, seconds of one, seconds of all
     */
    private static function exposure(HeaderCards $cards): array
    {
        $seconds = CardTable::facts()->exposure($cards);
        $total = $cards->writtenNumber('TOTALEXP');
        $images = self::count($cards, 'NIMAGES');
        if ($cards->has('TOTALEXP') || $images === null) {
            $frames = array_values(array_filter(array_map(static fn (string $card): ?int => self::count($cards, $card), self::COUNTS)))[0] ?? null;
            $total = $total !== null && $total > 0.0 && $total <= self::MOST_SECONDS ? $total : null;

            return [$frames, $seconds, $total ?? ($frames === null || $seconds === null ? null : $frames * $seconds)];
        }
        $all = $cards->writtenNumber('EXPTIME') ?? $cards->writtenNumber('EXPOSURE');
        $all = $all !== null && $all > 0.0 && $all <= self::MOST_SECONDS ? $all : null;

        return [$images, $all === null ? null : $all / $images, $all];
    }

    private static function count(HeaderCards $cards, string $keyword): ?int
    {
        $count = $cards->writtenNumber($keyword);

        return $count !== null && $count >= 1.0 && $count <= self::MOST_FRAMES ? (int) round($count) : null;
    }
}
