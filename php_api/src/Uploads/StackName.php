<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** What the file name of a finished stack says, as telescopes and the programs beside them write it. */
final class StackName
{
    private const EXPOSURE = '(?<seconds>\d+\.\d+)s';
    private const FORMS = [
        '/^CrowdSky_(?<frames>\d{1,6})_(?<object>.+)_' . self::EXPOSURE
            . '_(?<filter>[A-Za-z]+)_(?<day>\d{8})\.(?<block>\d{1,2})(?:_HP\d{6})?\.fits?$/Di',
        '/^CrowdSky_(?<frames>\d{1,6})_(?<object>.+)_' . self::EXPOSURE . '_(?<filter>[A-Za-z]+)_\d{8}-\d{6}\.fits?$/Di',
        '/^DSO_Stacked_(?<frames>\d{1,6})_(?<object>.+)_' . self::EXPOSURE . '_\d{8}_\d{6}\.fits?$/Di',
    ];

    private function __construct(
        public readonly ?int $frames,
        public readonly ?string $object,
        /** seconds of one frame */
        public readonly ?float $exposure,
        public readonly ?string $filter,
        /** block of time of its chunk key, `YYYYMMDD.CC` */
        public readonly ?string $timeBlock,
    ) {
    }

    /** @param string $sent the name as the client gave it */
    public static function of(string $sent): self
    {
        foreach (self::FORMS as $form) {
            if (preg_match($form, basename(str_replace('\\', '/', mb_scrub($sent, 'UTF-8'))), $part) === 1) {
                return new self(
                    (int) $part['frames'] ?: null,
                    mb_substr($part['object'], 0, 64),
                    (float) $part['seconds'] ?: null,
                    $part['filter'] ?? null,
                    self::block($part['day'] ?? '', $part['block'] ?? ''),
                );
            }
        }

        return new self(null, null, null, null, null);
    }

    private static function block(string $day, string $block): ?string
    {
        $isDay = $day !== '' && checkdate((int) substr($day, 4, 2), (int) substr($day, 6, 2), (int) substr($day, 0, 4));

        return $isDay && (int) $block <= 95 ? sprintf('%s.%02d', $day, $block) : null;
    }
}
