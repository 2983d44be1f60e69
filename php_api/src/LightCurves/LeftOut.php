<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

/** What a curve leaves out, counted, so that one without a point can say why. */
final class LeftOut
{
    /** Measurements of the star in all bands. */
    public int $seen = 0;
    /** Of another band than the one that is wanted. */
    public int $otherBand = 0;
    /** Newer than the version that is wanted, or left out by it. */
    public int $notInVersion = 0;
    public int $notCalibrated = 0;
    public int $withoutMagnitude = 0;
    public int $flagged = 0;
    /** @var array<int, int> the stack that has its light, by stack */
    private array $copies = [];
    /** @var array<string, true> names of the bands in which the star was measured */
    private array $bands = [];

    public function see(Band $band): void
    {
        $this->seen++;
        $this->bands[$band->publicName()] = true;
    }

    /** @param array<int, int> $copies stacks whose light is in another one, which counts, by stack */
    public function addCopies(array $copies): void
    {
        $this->copies = $copies;
    }

    /** @return array<int, int> by stack */
    public function copies(): array
    {
        ksort($this->copies);

        return $this->copies;
    }

    /** Why a curve without a point has none, for whoever has asked for it. */
    public function reason(CurveWish $wish): string
    {
        $of = $wish->seriesSeconds > 0 ? "the series of {$wish->seriesSeconds} s" : 'whole stacks';
        if ($this->seen === 0) {
            return 'No whole stack that counts now shows this star: its stacks were measured again since, or only their series show it. '
                . 'Earlier points are in the versions of the calibration that have them.';
        }
        if ($this->otherBand === $this->seen) {
            return "In $of, this star was measured in " . implode(', ', array_keys($this->bands)) . ", and not in {$wish->band?->publicName()}.";
        }
        $parts = array_keys(array_filter([
            "$this->otherBand are of another band" => $this->otherBand,
            "$this->notInVersion are not in version $wish->version of the calibration: they are newer than it, or it left them out" => $this->notInVersion,
            "$this->notCalibrated are not calibrated yet" => $this->notCalibrated,
            "$this->withoutMagnitude have no magnitude or no error" => $this->withoutMagnitude,
            "$this->flagged are doubted by a flag" => $this->flagged,
        ]));
        $remedy = [
            ...($this->notInVersion > 0 ? ["without 'version', the newest points are given"] : []),
            ...($this->notCalibrated + $this->withoutMagnitude + $this->flagged > 0 ? ['quality=all has those that quality=good leaves out'] : []),
        ];

        return "Of $this->seen measurements in $of, " . implode('; ', $parts) . '. ' . ucfirst(implode('; ', $remedy)) . '.';
    }
}
