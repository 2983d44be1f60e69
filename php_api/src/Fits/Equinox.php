<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Of which equinox the pointing in a header is, as a Julian year; 2000 for ICRS.
 *
 * A card decides where there is one. Seestars write none, and positions of their date; programs without a card write
 * J2000, the default of FITS. The worker has the same rule (crowdsky/frames/equinox.py). Keys of chunks follow the
 * header all the same, as other programs of the family compute them.
 */
final class Equinox
{
    /** Telescopes whose headers are of date, in TELESCOP or INSTRUME. */
    private const OF_DATE = '/seestar|\bS[35]0/i';
    private const OF_FK4 = 1950.0;
    /** Equinoxes that are no mistake. */
    private const FIRST_YEAR = 1850.0;
    private const LAST_YEAR = 2150.0;

    /** @param ObservationTime $begun of the sub; half a day more or less does not matter */
    public static function ofHeader(HeaderCards $cards, ObservationTime $begun): float
    {
        if ($cards->has('RA-SUB')) {
            return Precession::J2000;  // a stack of ours
        }
        $system = strtoupper($cards->text('RADESYS') ?? $cards->text('RADECSYS') ?? '');
        if ($system === 'ICRS') {
            return Precession::J2000;
        }
        if ($system === 'GAPPT') {
            return $begun->julianYear();
        }
        $stated = self::stated($cards);
        if ($stated === null && str_starts_with($system, 'FK')) {
            return str_starts_with($system, 'FK4') ? self::OF_FK4 : Precession::J2000;
        }

        return $stated ?? self::ofTelescope($cards->text('TELESCOP'), $cards->text('INSTRUME'), $begun);
    }

    /** Where on the sky a stack points by its header, ICRS; null if that is unknown. */
    public static function skyOfStack(HeaderCards $cards): ?SkyPosition
    {
        $position = SkyPosition::fromHeader($cards);
        try {
            $begun = ObservationTime::parse($cards->text('OB-START') ?? $cards->text('DATE-OBS') ?? '');
        } catch (FrameRefused) {
            return $cards->has('RA-SUB') || $cards->text('RADESYS') === 'ICRS' ? $position : null;
        }

        return $position === null ? null : Precession::toJ2000($position, self::ofHeader($cards, $begun));
    }

    /** The equinox of a pointing that no card states. */
    public static function ofTelescope(?string $telescope, ?string $instrument, ObservationTime $begun): float
    {
        return preg_match(self::OF_DATE, "$instrument $telescope") === 1 ? $begun->julianYear() : Precession::J2000;
    }

    /** EQUINOX or EPOCH, a number or a text such as J2000; null without one. */
    private static function stated(HeaderCards $cards): ?float
    {
        foreach (['EQUINOX', 'EPOCH'] as $keyword) {
            $isText = preg_match('/^[JB]?(\d{4}(?:\.\d*)?)$/Di', $cards->text($keyword) ?? '', $match) === 1;
            $year = $isText ? (float) $match[1] : $cards->number($keyword);
            if ($year !== null && $year >= self::FIRST_YEAR && $year <= self::LAST_YEAR) {
                return $year;
            }
        }

        return null;
    }
}
