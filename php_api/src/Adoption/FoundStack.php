<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Fits\Equinox;
use CrowdSky\Fits\StoredParts;
use CrowdSky\Http\JsonBody;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\ResultKind;

/**
 * A stack in storage that no row refers to, and what it says about itself.
 */
final class FoundStack
{
    private const WITHOUT_REPORT = 'found in storage; the file has no report of the worker that made it';
    private const WITHOUT_COUNT = 'how many subs were given for this stack is unknown; those in it are counted';

    private function __construct(
        public readonly string $path,
        public readonly ArchivedName $name,
        /** the archive it was made for; null if it does not say */
        public readonly ?string $archiveId,
        public readonly JobFacts $facts,
        public readonly CompletionReport $report,
        /** stored form; when the stack was made, null if it does not say */
        public readonly ?string $createdAt,
        /** stored form; when it was measured, likewise */
        public readonly ?string $measuredAt,
        /** @var list<string> SHA-256 of the subs it was made from */
        public readonly array $frameHashes,
    ) {
    }

    /**
     * @param StackSearch $search knows the files beside it
     * @throws Refusal when it contradicts itself
     */
    public static function read(string $path, ArchivedName $name, StoredParts $parts, StackSearch $search): self
    {
        $facts = JobFacts::of($name, $parts);
        $companions = $search->companions($path, $name, $facts->jobId);
        $text = $parts->text('REPORT');
        $fields = $text === null ? self::fromHeader($parts) : self::fromReport($text, $facts->stack);
        $fields['ucloud_path'] = $path;
        foreach (ResultKind::companions() as $kind) {
            $fields[$kind->column()] = $companions[$kind->value] ?? null;
        }
        $report = CompletionReport::fromJson(JsonBody::parse(json_encode($fields, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION)));
        if ($report->framesAligned === null || $report->framesInput === null || $report->framesAligned > $report->framesInput) {
            throw Refusal::badInput('it does not say of how many subs it is made');
        }
        $archiveId = $parts->primary()->text('ARCHID');
        $writtenAt = self::writtenAt($parts);
        $createdAt = $facts->stack === null ? $writtenAt : JobFacts::time($facts->stack, 'created_at');
        return new self($path, $name, $archiveId, $facts, $report, $createdAt, $writtenAt, $parts->frameHashes());
    }

    public function isRescan(): bool
    {
        return $this->facts->jobId !== $this->name->jobId;
    }

    /**
     * The report as the worker made it, without what belongs to one place in storage.
     *
     * @return array<string, mixed>
     */
    private static function fromReport(string $text, ?JsonBody $stack): array
    {
        JsonBody::parse($text);
        $fields = (array) json_decode($text, false, 16, JSON_THROW_ON_ERROR);
        unset($fields['file_size_bytes'], $fields['sha256'], $fields['thumbnail_size_bytes']);
        if ($stack === null) {
            return $fields;
        }
        // A rescan changes nothing about the stacking.
        $notes = [...$stack->messages('notes', 50, 500), ...(array) ($fields['notes'] ?? [])];
        return [
            'n_frames_input' => $stack->optionalInt('n_frames_input', 1, 1_000_000),
            'n_frames_aligned' => $stack->optionalInt('n_frames_aligned', 1, 1_000_000),
            'total_exptime' => $stack->optionalFloat('total_exptime', 0.0, 1e8),
            'date_obs_start' => $stack->optionalText('date_obs_start', 40),
            'date_obs_end' => $stack->optionalText('date_obs_end', 40),
            'n_stars_detected' => $fields['n_stars_detected'] ?? $stack->optionalInt('n_stars_detected', 0, PHP_INT_MAX >> 32),
            'engine' => $stack->optionalText('engine', 64),
            'notes' => array_slice(array_values(array_unique(array_filter($notes, is_string(...)))), 0, 50),
        ] + $fields;
    }

    /** @return array<string, mixed> the part of a report that the header of every stack has */
    private static function fromHeader(StoredParts $parts): array
    {
        $cards = $parts->primary();
        $combined = $cards->integer('NIMAGES');
        $given = $cards->integer('NINPUT');
        $exposure = $cards->number('EXPTIME');
        $start = self::time($cards->text('OB-START') ?? $cards->text('DATE-OBS'));
        $sky = Equinox::skyOfStack($cards);
        return [
            'n_frames_input' => $given ?? $combined,
            'n_frames_aligned' => $combined,
            'total_exptime' => $exposure !== null && $exposure >= 0.0 ? $exposure : null,
            'date_obs_start' => $start,
            'date_obs_end' => self::time($cards->text('OB-END') ?? $cards->text('DATE-END')),
            'ra_deg' => $sky?->ra,
            'dec_deg' => $sky?->dec,
            'n_stars_detected' => $parts->stars(),
            'engine' => $cards->text('STACKENG'),
            'notes' => $given === null ? [self::WITHOUT_REPORT, self::WITHOUT_COUNT] : [self::WITHOUT_REPORT],
        ];
    }

    private static function time(?string $text): ?string
    {
        return preg_match('/^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?$/D', $text ?? '') === 1 ? $text : null;
    }

    private static function writtenAt(StoredParts $parts): ?string
    {
        $text = self::time($parts->text('DATE') ?? $parts->primary()->text('PROCDATE'));
        $moment = $text === null ? false : date_create_immutable($text, new \DateTimeZone('UTC'));
        return $moment === false ? null : Utc::stored($moment);
    }
}
