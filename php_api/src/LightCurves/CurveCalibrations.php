<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Sky\Viewer;

/** The calibrations that a curve is made with: of each field the newest ones, or the version that was asked for. */
final class CurveCalibrations
{
    public function __construct(private readonly CalibrationChoice $choice)
    {
    }

    /**
     * @param list<int> $fields in which the viewer sees the star
     * @return list<Calibration> of each field in the order of preference
     * @throws Refusal for a version that there is not, and for one that could mean several
     */
    public function of(CurveWish $wish, Viewer $viewer, array $fields): array
    {
        $wanted = $wish->fieldId === null ? $fields : array_values(array_intersect($fields, [$wish->fieldId]));

        return $wish->version === null
            ? array_merge(...array_map(fn (int $field): array => $this->choice->forViewer($field, $viewer), $wanted))
            : [$this->version($wish->version, $wanted, $viewer)];
    }

    /**
     * A star near the edge is in several fields, each of which counts its versions by itself: a later one of another
     * field must not change what a published version means.
     *
     * @param list<int> $fields
     */
    private function version(string $version, array $fields, Viewer $viewer): Calibration
    {
        Calibration::parseName($version);
        $all = array_merge(...array_map(fn (int $field): array => $this->choice->versions($field, $viewer), $fields));
        $found = array_values(array_filter($all, static fn (Calibration $one): bool => $one->name() === $version));
        if (count($found) > 1) {
            $named = implode(' or ', array_map(static fn (Calibration $one): string => "field={$one->fieldId}", $found));
            throw Refusal::badInput("This star is in several fields with a calibration $version; add $named");
        }

        return $found[0] ?? throw Refusal::notFound("This star has no calibration $version");
    }
}
