<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Base\Format;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\PublicCopies;
use CrowdSky\Stacks\StackTransfer;
use CrowdSky\Storage\ObjectStorage;

/**
 * Sends several stacks as one ZIP file while they are read, in memory that grows with neither their number nor their size.
 *
 * Each stack is compared with its hash on the way. If one turns out to be damaged then, the connection is cut, so that
 * nobody takes the file for a whole one.
 */
final class StackZip
{
    public const MOST_STACKS = 500;
    public const MOST_BYTES = 20 << 30;

    private function __construct(private readonly ObjectStorage $storage, private readonly PublicCopies $copies)
    {
    }

    public static function of(App $app): self
    {
        return new self($app->storage(), PublicCopies::of($app));
    }

    /**
     * @param list<PackedStack> $stacks
     * @return list<PackedStack> the same, with those left out that the storage does not hold as they were archived
     * @throws Refusal when they are too many or too large for one file
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function checked(array $stacks): array
    {
        $bytes = array_sum(array_map(static fn (PackedStack $one): int => $one->stack->bytes, $stacks));
        if (count($stacks) > self::MOST_STACKS || $bytes > self::MOST_BYTES) {
            throw Refusal::badInput(sprintf(
                'One ZIP file holds at most %d stacks and %s; these are %d with %s. Choose fewer, or take the list for wget or aria2c.',
                self::MOST_STACKS,
                Format::bytes(self::MOST_BYTES),
                count($stacks),
                Format::bytes($bytes),
            ));
        }

        return array_map(fn (PackedStack $one): PackedStack => $one->leftOut !== null || $this->storage->size($one->stack->path) === $one->stack->bytes
            ? $one
            : new PackedStack($one->stack, $one->fileName, $one->isOriginal, 'missing or damaged in storage'), $stacks);
    }

    /**
     * @param list<PackedStack> $stacks as checked() returns them
     * @param DownloadSlot $slot is held until everything is sent
     */
    public function response(array $stacks, Manifest $manifest, \DateTimeImmutable $now, DownloadSlot $slot): Response
    {
        $packed = array_values(array_filter($stacks, static fn (PackedStack $one): bool => $one->leftOut === null));
        if ($packed === []) {
            throw Refusal::notFound('None of these stacks can be read from storage; please tell the operator.');
        }
        $size = ZipWriter::size([
            ...array_map(static fn (PackedStack $one): array => [$one->fileName, $one->stack->bytes], $packed),
            ['manifest.json', strlen($manifest->json())],
            ['SHA256SUMS', strlen($manifest->sums())],
        ]);
        $headers = [
            'Content-Type' => 'application/zip',
            'Content-Disposition' => 'attachment; filename="crowdsky-' . $now->format('Ymd-His') . '.zip"',
            'Content-Length' => (string) $size,
            // nginx would collect it on its disk first.
            'X-Accel-Buffering' => 'no',
        ];

        return new Response(200, $headers, function () use ($packed, $manifest, $now, $slot): void {
            set_time_limit(0);
            $zip = new ZipWriter(StackTransfer::send(...));
            foreach ($packed as $one) {
                $manifest->note($one->stack->id, $this->add($zip, $one));
            }
            foreach (['manifest.json' => $manifest->json(), 'SHA256SUMS' => $manifest->sums()] as $name => $text) {
                $zip->add($name, strlen($text), $now, static fn (\Closure $sink) => $sink($text));
            }
            $zip->finish();
            $slot->release();
        });
    }

    /** @return string SHA-256 of the file */
    private function add(ZipWriter $zip, PackedStack $one): string
    {
        $stack = $one->stack;
        $copy = $one->isOriginal ? null : $this->copies->copyOf($stack);
        $expected = $copy === null ? $stack->sha256 : $this->copies->sha256($stack, $copy);
        $hash = hash_init('sha256');
        $zip->add($one->fileName, $stack->bytes, new \DateTimeImmutable($stack->createdAt), function (\Closure $sink) use ($copy, $stack, $hash): void {
            $hashing = static function (string $piece) use ($sink, $hash): void {
                hash_update($hash, $piece);
                $sink($piece);
            };
            $copy === null ? $this->storage->read($stack->path, $hashing) : $copy->read(0, $copy->size(), $hashing);
        });
        $sha256 = hash_final($hash);

        return hash_equals($expected, $sha256) ? $sha256 : throw BrokenEntry::changed($one->fileName);
    }
}
