<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Custody\ArchiveIds;

/**
 * Writes what describes the partitions: the files that the HATS layout has for it (version 1.0, as hats 0.11 reads it), and
 * a list of all files with their hashes.
 */
final class HatsDescription
{
    public const MANIFEST = 'MANIFEST.json';
    private const TITLES = [
        HatsTables::STARS => 'Stars in public stacks of this archive, with their mean magnitudes',
        HatsTables::LIGHT_CURVES => 'Light curves of these stars: a row per stack and band',
        HatsTables::SERIES => 'The same of shorter intervals of some stacks, whose light is in light_curves too',
    ];
    private const PIXELS_OF_ORDER_0 = 12;

    public function __construct(
        private readonly HatsFiles $files,
        private readonly HatsCells $cells,
        private readonly HatsFolder $folder,
        private readonly ArchiveIds $archive,
        private readonly Clock $clock,
    ) {
    }

    /** Whether all that it shows is in the folder. */
    public function isWhole(): bool
    {
        return array_filter($this->files->descriptions(), fn (string $sha256): bool => !$this->folder->has($sha256)) === [];
    }

    /** Call it inside the transaction that changes the partitions. */
    public function renew(): void
    {
        $schemas = $this->schemas();
        [$files, $catalogues] = [[], []];
        foreach (HatsTables::NAMES as $catalogue) {
            $partitions = $this->files->partitions($catalogue);
            if ($partitions === []) {
                continue;
            }
            $catalogues[$catalogue] = [
                'rows' => array_sum(array_column($partitions, 'rows')),
                'partitions' => count($partitions),
                'files' => self::glob($catalogue),
            ];
            $properties = $this->properties($catalogue, $partitions);
            $files["$catalogue/dataset/_common_metadata"] = ['catalogue' => $catalogue] + $schemas[$catalogue];
            $files["$catalogue/partition_info.csv"] = $this->file($catalogue, self::partitionInfo($partitions));
            $files["$catalogue/properties"] = $this->file($catalogue, $properties);
            $files["$catalogue/hats.properties"] = $this->file($catalogue, $properties);
        }
        if (isset($catalogues[HatsTables::STARS])) {
            $files['collection.properties'] = $this->file('', self::lines([
                'obs_collection' => 'crowdsky', 'hats_primary_table_url' => HatsTables::STARS,
            ] + $this->common()));
        }
        $this->files->describe($files);
        if ($catalogues !== []) {
            $this->files->describe($files + [self::MANIFEST => $this->file('', $this->manifest($catalogues))]);
        }
    }

    /** @return array<string, array{sha256: string, size: int}> the schema of each table, as the latest worker has written it */
    private function schemas(): array
    {
        $found = [];
        foreach ($this->cells->published() as $cell) {
            foreach ($cell->files as $catalogue => $file) {
                $found[$catalogue] ??= $file['schema'];
            }
            if (count($found) === count(HatsTables::NAMES)) {
                break;
            }
        }
        return $found;
    }

    /** @param non-empty-list<array{cell: HatsCell, rows: int, size: int}> $partitions */
    private function properties(string $catalogue, array $partitions): string
    {
        $areas = array_map(static fn (array $one): float => 1.0 / (self::PIXELS_OF_ORDER_0 * 4 ** $one['cell']->order), $partitions);
        return self::lines([
            'obs_collection' => $catalogue,
            'obs_title' => self::TITLES[$catalogue],
            'dataproduct_type' => $catalogue === HatsTables::STARS ? 'object' : 'source',
            'hats_nrows' => (string) array_sum(array_column($partitions, 'rows')),
            'hats_col_ra' => 'ra',
            'hats_col_dec' => 'dec',
            'hats_col_healpix' => '_healpix_29',
            'hats_col_healpix_order' => '29',
            'hats_npix_suffix' => '.parquet',
            'hats_max_rows' => (string) max(array_column($partitions, 'rows')),
            'hats_order' => (string) max(array_map(static fn (array $one): int => $one['cell']->order, $partitions)),
            'hats_estsize' => (string) intdiv((int) array_sum(array_column($partitions, 'size')) + 1023, 1024),
            'moc_sky_fraction' => sprintf('%.6e', array_sum($areas)),
            'crowdsky_files' => self::glob($catalogue),
        ] + $this->common());
    }

    /** @return array<string, string> */
    private function common(): array
    {
        $now = $this->clock->now()->setTimezone(new \DateTimeZone('UTC'));
        return [
            'creator_did' => "ivo://crowdsky.{$this->archive->oldest()}/hats",
            'hats_builder' => 'CrowdSky',
            'hats_creation_date' => $now->format('Y-m-d\TH:i') . 'UTC',
            'hats_release_date' => $now->format('Y-m-d'),
            'hats_version' => 'v1.0',
        ];
    }

    /** @param array<string, array{rows: int, partitions: int, files: string}> $catalogues */
    private function manifest(array $catalogues): string
    {
        $files = array_map(static fn (array $file): array => [
            'name' => $file['name'], 'catalogue' => $file['catalogue'] === '' ? null : $file['catalogue'], 'rows' => $file['rows'],
            'size' => $file['size'], 'sha256' => $file['sha256'],
        ], $this->files->all());
        $content = ['created_at' => Utc::wire(Utc::stored($this->clock->now())), 'layout' => HatsPlan::LAYOUT, 'catalogues' => $catalogues, 'files' => $files];
        return json_encode($content, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT) . "\n";
    }

    /** Other patterns also count files that are no partitions, or each partition twice. */
    private static function glob(string $catalogue): string
    {
        return "$catalogue/dataset/Norder=*/Dir=*/*.parquet";
    }

    /** @param list<array{cell: HatsCell, rows: int, size: int}> $partitions */
    private static function partitionInfo(array $partitions): string
    {
        $lines = array_map(static fn (array $one): string => "{$one['cell']->order},{$one['cell']->pixel}\n", $partitions);
        return "Norder,Npix\n" . implode('', $lines);
    }

    /** @param array<string, string> $properties */
    private static function lines(array $properties): string
    {
        $lines = array_map(static fn (string $name, string $value): string => "$name=$value\n", array_keys($properties), $properties);
        return implode('', $lines);
    }

    /** @return array{catalogue: string, sha256: string, size: int} */
    private function file(string $catalogue, string $content): array
    {
        return ['catalogue' => $catalogue] + $this->folder->add([$content]);
    }
}
