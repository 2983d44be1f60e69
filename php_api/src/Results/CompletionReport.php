<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;
use CrowdSky\Measurements\Measurement;

/**
 * What a worker reports about the stack it has archived; every field is checked for type and range.
 */
final class CompletionReport
{
    private const MAX_COUNT = 1_000_000;

    /** @param list<string> $notes */
    private function __construct(
        public readonly string $path,
        public readonly CompanionPaths $beside,
        public readonly ?int $size,
        public readonly ?string $sha256,
        public readonly ?int $thumbnailSize,
        public readonly ?int $framesInput,
        public readonly ?int $framesAligned,
        public readonly ?float $totalExposure,
        public readonly ?string $dateObsStart,
        public readonly ?string $dateObsEnd,
        public readonly ?float $raDeg,
        public readonly ?float $decDeg,
        public readonly ?int $stars,
        public readonly ?string $engine,
        public readonly array $notes,
        /** null from a worker that does not measure */
        public readonly ?Measurement $measurement,
    ) {
    }

    /** @throws Refusal naming the field that is wrong */
    public static function fromJson(JsonBody $body): self
    {
        return new self(
            path: $body->text('ucloud_path', 512),
            beside: CompanionPaths::fromJson($body),
            size: $body->optionalInt('file_size_bytes', 0, PHP_INT_MAX),
            sha256: self::hash($body->optionalText('sha256', 64)),
            thumbnailSize: $body->optionalInt('thumbnail_size_bytes', 0, PHP_INT_MAX),
            framesInput: $body->optionalInt('n_frames_input', 1, self::MAX_COUNT),
            framesAligned: $body->optionalInt('n_frames_aligned', 1, self::MAX_COUNT),
            totalExposure: $body->optionalFloat('total_exptime', 0.0, 1e8),
            dateObsStart: self::date($body, 'date_obs_start'),
            dateObsEnd: self::date($body, 'date_obs_end'),
            raDeg: $body->optionalFloat('ra_deg', 0.0, 360.0),
            decDeg: $body->optionalFloat('dec_deg', -90.0, 90.0),
            stars: $body->optionalInt('n_stars_detected', 0, PHP_INT_MAX >> 32),
            engine: $body->optionalMessage('engine', 64),
            notes: $body->messages('notes', Measurement::MAX_NOTES, Measurement::MAX_NOTE_LENGTH),
            measurement: Measurement::fromJson($body),
        );
    }

    /** Reads what toStored() wrote; it was checked on arrival. */
    public static function fromStored(string $json): self
    {
        $fields = json_decode($json, true, 16, JSON_THROW_ON_ERROR);
        $measurement = $fields['measurement'] === null ? null : Measurement::fromStored($fields['measurement']);
        $beside = CompanionPaths::fromStored($fields['beside'] ?? self::storedBefore($fields));
        unset($fields['thumbnailPath'], $fields['overlayPath'], $fields['starsPath']);
        return new self(...['measurement' => $measurement, 'beside' => $beside] + $fields);
    }

    public function toStored(): string
    {
        $fields = ['measurement' => $this->measurement?->toStored(), 'beside' => $this->beside->toStored()] + get_object_vars($this);
        return json_encode($fields, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION);
    }

    /** Returns where the worker stored a file of that kind; null if it names none. */
    public function pathOf(ResultKind $kind): ?string
    {
        return $kind === ResultKind::Stack ? $this->path : $this->beside->of($kind);
    }

    /**
     * Results that were held when there were three files beside a stack.
     *
     * @param array<string, mixed> $fields
     * @return array<string, string>
     */
    private static function storedBefore(array $fields): array
    {
        $paths = [];
        foreach ([ResultKind::Thumbnail, ResultKind::Overlay, ResultKind::Stars] as $kind) {
            $paths[$kind->value] = $fields["{$kind->value}Path"];
        }
        return array_filter($paths, is_string(...));
    }

    private static function hash(?string $value): ?string
    {
        if ($value !== null && preg_match('/^[0-9a-fA-F]{64}$/D', $value) !== 1) {
            throw Refusal::badInput("'sha256' must be 64 hex digits");
        }
        return $value === null ? null : strtolower($value);
    }

    /** @return string|null ISO form with T and without zone; the value is UTC */
    private static function date(JsonBody $body, string $name): ?string
    {
        $value = $body->optionalText($name, 40);
        if ($value === null || $value === '') {
            return null;
        }
        $isDate = preg_match('/^(\d{4})-(\d\d)-(\d\d)[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z?$/D', $value, $part) === 1
            && checkdate((int) $part[2], (int) $part[3], (int) $part[1]);
        if (!$isDate) {
            throw Refusal::badInput("'$name' must be a UTC time such as 2026-02-27T21:45:00.5");
        }
        return strtr(rtrim($value, 'Z'), ' ', 'T');
    }
}
