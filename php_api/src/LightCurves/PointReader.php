<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Calibrations\ZeroPoint;
use CrowdSky\Fits\CardTable;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\Observation;
use CrowdSky\Stars\StarFlag;

/**
 * Makes the points of a curve of what CurveQuery reads.
 *
 * Of stacks of others it leaves out what tells where they were taken: the airmass, and more than six decimals of the
 * barycentric time; and telescopes and filters but known ones.
 */
final class PointReader
{
    private const DOUBTFUL = StarFlag::SATURATED | StarFlag::BLENDED | StarFlag::EDGE | StarFlag::DETECTION | StarFlag::NOT_POSITIVE
        | StarFlag::AMBIGUOUS;
    /** Decimals of a day, and of magnitudes and an airmass. */
    private const DAYS = 8;
    private const PUBLIC_DAYS = 6;
    private const MAGS = 5;
    /** Names of filters that leave the bands of the sensor as they are. */
    private const PLAIN_FILTER = '~^(?:none|no filter|no|clear|open|empty|ir[- ]?cut|uv[-/ ]?ir(?:[-/ ]?cut)?|astro|vis|l|lum|luminance)$~Di';

    /** @var array<int, int> place of a calibration in the order of preference, by its id */
    private readonly array $ranks;
    private readonly StarTimes $times;
    /** @var array<string, array<string, string|null>> what others get of a text, by card and text */
    private array $texts = [];
    /** @var array<string, bool> */
    private array $plainFilters = [];

    /**
     * @param list<Calibration> $calibrations in the order of preference
     * @param array<int, array<string, StarCalibration>> $means of the star, by calibration and band
     */
    public function __construct(
        ListedStar $star,
        private readonly array $calibrations,
        private readonly array $means,
        private readonly CurveWish $wish,
        private readonly Viewer $viewer,
        private readonly LeftOut $leftOut,
    ) {
        $this->times = new StarTimes($star->position);
        $this->ranks = array_flip(array_map(static fn (Calibration $one): int => $one->id, $calibrations));
    }

    /**
     * @param list<Observation> $observations
     * @param array<int, array<string, ZeroPoint>> $zeroPoints by epoch and band
     * @return \Generator<int, Point>
     */
    public function points(array $observations, array $zeroPoints): \Generator
    {
        foreach ($observations as $observation) {
            $zeros = $zeroPoints[$observation->epochId] ?? [];
            $shown = $this->shown($observation);
            foreach (array_keys($observation->fluxes) as $letter) {
                $band = Band::from($letter);
                $zero = $zeros[$letter] ?? null;
                $point = $this->isWanted($band, $zero) ? $this->point($observation, $band, $zero, $shown) : null;
                if ($point !== null && !($this->wish->isGoodOnly && $this->isDoubtful($point))) {
                    yield $point;
                }
            }
        }
    }

    private function isWanted(Band $band, ?ZeroPoint $zero): bool
    {
        $this->leftOut->see($band);
        if (($this->wish->band ?? $band) !== $band) {
            $this->leftOut->otherBand++;
            return false;
        }
        // In a published version is only what was in it.
        if ($zero === null && $this->wish->version !== null) {
            $this->leftOut->notInVersion++;
            return false;
        }

        return true;
    }

    /**
     * What the viewer gets to know of an epoch; it is worked out once for all bands.
     *
     * @return array{bjd: float|null, telescope: string|null, filter: string|null, airmass: float|null, plain: bool}
     */
    private function shown(Observation $seen): array
    {
        $isOwn = $this->viewer->owns($seen->ownerId);

        return [
            'bjd' => $this->time($seen, $isOwn),
            'telescope' => $isOwn ? $seen->telescope : $this->publicText('TELESCOP', $seen->telescope),
            'filter' => $isOwn ? $seen->filter : $this->publicText('FILTER', $seen->filter),
            'airmass' => $isOwn ? self::rounded($seen->airmass, self::MAGS) : null,
            'plain' => $seen->filter === null || ($this->plainFilters[$seen->filter] ??= preg_match(self::PLAIN_FILTER, $seen->filter) === 1),
        ];
    }

    /** A curve has few telescopes and filters, each of them many times. */
    private function publicText(string $card, ?string $text): ?string
    {
        if ($text === null) {
            return null;
        }
        if (!isset($this->texts[$card][$text]) && !array_key_exists($text, $this->texts[$card] ?? [])) {
            $this->texts[$card][$text] = CardTable::get()->publicText($card, $text);
        }

        return $this->texts[$card][$text];
    }

    /** @param array{bjd: float|null, telescope: string|null, filter: string|null, airmass: float|null, plain: bool} $shown */
    private function point(Observation $seen, Band $band, ?ZeroPoint $zero, array $shown): Point
    {
        $letter = $band->value;
        $calibration = $zero === null ? null : $this->calibrations[$this->ranks[$zero->calibrationId]];
        $mean = $zero === null ? null : $this->means[$zero->calibrationId][$letter] ?? null;
        $hasLight = ($seen->fluxes[$letter] ?? 0.0) > 0.0;
        $magnitude = $hasLight ? Magnitude::of($seen, $letter, $zero, $mean) : null;

        return new Point(
            bjd: $shown['bjd'],
            mjd: self::rounded($seen->mjdUtc, self::DAYS),
            band: $band,
            mag: self::rounded($magnitude?->mag, self::MAGS),
            magError: self::rounded($magnitude?->error, self::MAGS),
            flux: $seen->fluxes[$letter],
            fluxError: $seen->errors[$letter],
            quality: $seen->flags | ($mean->flags ?? 0) | ($hasLight ? 0 : StarFlag::NOT_POSITIVE)
                | ($zero !== null && $mean?->colour === null ? StarFlag::COLOUR_UNKNOWN : 0),
            fieldId: $seen->fieldId,
            stackId: $seen->stackId,
            part: $seen->part,
            telescope: $shown['telescope'],
            filter: $shown['filter'],
            isFilterPlain: $shown['plain'],
            airmass: $shown['airmass'],
            exposure: $seen->exposure,
            calibration: $calibration,
            zeroPointError: self::rounded($zero === null ? $seen->zeroPointErrors[$letter] : $zero->error, self::MAGS),
            catalogue: $calibration === null ? $seen->catalogue : $calibration->catalogue,
        );
    }

    private function time(Observation $seen, bool $isOwn): ?float
    {
        $middle = SkyPosition::fromDegrees($seen->centreRa, $seen->centreDec);
        if ($seen->bjdTdb === null || $middle === null) {
            return null;
        }
        $time = $isOwn ? $seen->bjdTdb : round($seen->bjdTdb, self::PUBLIC_DAYS);

        return round($this->times->at($time, $middle), $isOwn ? self::DAYS : self::PUBLIC_DAYS);
    }

    private function isDoubtful(Point $point): bool
    {
        if ($point->calibration === null) {
            $this->leftOut->notCalibrated++;
        } elseif ($point->mag === null || $point->magError === null) {
            $this->leftOut->withoutMagnitude++;
        } elseif (($point->quality & self::DOUBTFUL) !== 0) {
            $this->leftOut->flagged++;
        } else {
            return false;
        }

        return true;
    }

    private static function rounded(?float $value, int $decimals): ?float
    {
        return $value === null ? null : round($value, $decimals);
    }
}
