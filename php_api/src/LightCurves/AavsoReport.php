<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

/**
 * A light curve as a person may send it to the AAVSO: the AAVSO Extended File Format, version 1.2 of 2011 with its update
 * of 2 December 2021 (https://www.aavso.org/aavso-extended-file-format).
 *
 * Its page says how to report what we have: a CMOS camera as OBSTYPE CCD, the colours of a Bayer pattern as TR, TG and
 * TB, an ensemble as CNAME ENSEMBLE with CMAG na, own comparison stars by the name of their catalogue as CHART. Dates
 * are JD (UTC) of mid-exposure. Only points with a magnitude and an error, through no filter that changes the band, are
 * reported, and only if a catalogue gives their scale: they would be neither standard magnitudes (STD) nor differences
 * from one comparison star (DIF). Without an observer code the file has a placeholder that the AAVSO refuses.
 */
final class AavsoReport
{
    public const MEDIA_TYPE = 'text/plain; charset=us-ascii';
    /** The longest text of each field that has a limit. */
    public const LIMITS = ['NAME' => 30, 'DATE' => 16, 'MAG' => 8, 'MERR' => 6, 'CNAME' => 20, 'AMASS' => 7, 'GROUP' => 5, 'CHART' => 20];
    private const FIELDS = '#NAME,DATE,MAG,MERR,FILT,TRANS,MTYPE,CNAME,CMAG,KNAME,KMAG,AMASS,GROUP,CHART,NOTES';
    private const NO_CODE = 'YOUR-CODE';
    private const NONE = 'na';
    /** Julian date of MJD 0. */
    private const JULIAN = 2400000.5;
    private const LONGEST_NOTE = 500;

    /**
     * @param string $name by which the AAVSO knows the star
     * @param string|null $observer code that the AAVSO has given to the observer
     * @param string $site of the archive, for the notes
     * @param bool $isGoodOnly whether the curve has good points only
     */
    public function __construct(
        private readonly string $name,
        private readonly ?string $observer,
        private readonly string $site,
        private readonly bool $isGoodOnly,
    ) {
    }

    /** @param \Closure(string): mixed $sink gets the lines */
    public function write(LightCurve $curve, \Closure $sink): void
    {
        $sink($this->heading());
        $note = $curve->note();
        $sink($note === null ? '' : "# There is nothing to report. $note\n");
        $left = 0;
        foreach ($curve->points() as $point) {
            $line = $this->line($point);
            $left += (int) ($line === null);
            $sink($line === null ? '' : "$line\n");
        }
        if ($left > 0) {
            $sink("# $left points were left out: no magnitude or error or time, a scale of no catalogue, or a filter that changes the band.\n");
        }
        $copies = $curve->copiesNote();
        $sink($copies === null ? '' : "# $copies\n");
        if ($this->isGoodOnly) {
            $sink("# Points that are not calibrated or that a flag doubts are not in this file; quality=all has them, too.\n");
        }
    }

    /** A text as a field may have it. */
    public static function plain(string $text, int $longest): string
    {
        $plain = trim((string) preg_replace('/[^\x21-\x7e]+|[,#|"]/', ' ', $text));

        return $plain === '' ? self::NONE : trim(substr($plain, 0, $longest));
    }

    private function heading(): string
    {
        return implode("\n", [
            '#TYPE=Extended',
            '#OBSCODE=' . ($this->observer ?? self::NO_CODE),
            '#SOFTWARE=CrowdSky archive at ' . self::plain($this->site, 200),
            '#DELIM=,',
            '#DATE=JD',
            '#OBSTYPE=CCD',
            '# Look at every observation, and give your own observer code, before you send this file.',
            self::FIELDS,
        ]) . "\n";
    }

    /** @return string|null null for a point that cannot be reported */
    private function line(Point $point): ?string
    {
        if ($point->mag === null || $point->magError === null || $point->mjd === null || $point->magError >= 9.9 || $point->catalogue === null || !$point->isFilterPlain) {
            return null;
        }

        return implode(',', [
            self::plain($this->name, self::LIMITS['NAME']),
            sprintf('%.5f', $point->mjd + self::JULIAN),
            sprintf('%.4f', $point->mag),
            sprintf('%.4f', $point->magError),
            $point->band->publicName(),
            'NO',
            'STD',
            'ENSEMBLE',
            self::NONE,
            self::NONE,
            self::NONE,
            $point->airmass === null ? self::NONE : sprintf('%.3f', $point->airmass),
            // Unique for a star on a Julian date, and the same for the bands of an epoch.
            (string) (int) (fmod($point->mjd + self::JULIAN, 1.0) * 86400.0),
            self::plain($point->catalogue, self::LIMITS['CHART']),
            $this->notes($point),
        ]);
    }

    private function notes(Point $point): string
    {
        $calibration = $point->calibration === null
            ? 'not calibrated yet: zero point of the stack alone'
            : "field {$point->calibration->fieldId} calibration {$point->calibration->name()}";
        $part = $point->part === 0 ? '' : " part {$point->part}";
        $notes = [
            "CrowdSky {$this->site} stack {$point->stackId}$part",
            $calibration,
            'telescope ' . ($point->telescope ?? 'not known'),
            'filter ' . ($point->filter ?? 'not known'),
            'exposure ' . ($point->exposure === null ? 'not known' : sprintf('%.0f s', $point->exposure)),
            "flags {$point->quality}",
        ];

        return self::plain(implode('; ', $notes), self::LONGEST_NOTE);
    }
}
