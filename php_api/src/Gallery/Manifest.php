<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Utc;
use CrowdSky\Fits\CardTable;

/**
 * What a ZIP file says about its stacks: what each shows, how it came about, its hash, and under which licence it can be
 * used. Its length does not depend on the hashes, which are known only when all stacks have been sent.
 */
final class Manifest
{
    private const UNKNOWN_HASH = '0000000000000000000000000000000000000000000000000000000000000000';
    private const PLAIN = JSON_THROW_ON_ERROR | JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
        | JSON_PRESERVE_ZERO_FRACTION | JSON_INVALID_UTF8_SUBSTITUTE;

    /** @var array<int, string> stack id => SHA-256 of its file */
    private array $hashes = [];

    /**
     * @param list<PackedStack> $stacks
     * @param string $site address of its pages
     * @param string $licence as the operator states it; empty if not at all
     */
    public function __construct(
        private readonly array $stacks,
        private readonly User $user,
        private readonly string $site,
        private readonly string $licence,
        private readonly \DateTimeImmutable $now,
    ) {
    }

    public function note(int $stackId, string $sha256): void
    {
        $this->hashes[$stackId] = $sha256;
    }

    public function json(): string
    {
        return json_encode([
            'made' => $this->now->format('Y-m-d\TH:i:s\Z'),
            'site' => $this->site,
            'licence' => $this->licence === '' ? null : $this->licence,
            'licence_note' => $this->licence === ''
                ? 'The operator of the site has stated no licence. Your own stacks are yours; ask the operator before you publish others.'
                : 'Your own stacks are yours whatever the licence of the site.',
            'columns' => 'Times are UTC, angles degrees (ICRS), exposures seconds, widths of stars (FWHM) as the headers give them.',
            'stacks' => array_map($this->entry(...), $this->stacks),
        ], self::PLAIN) . "\n";
    }

    /** One line a file, as `sha256sum --check` reads it. */
    public function sums(): string
    {
        $packed = array_filter($this->stacks, static fn (PackedStack $one): bool => $one->leftOut === null);

        return implode('', array_map(fn (PackedStack $one): string => "{$this->hash($one)}  {$one->fileName}\n", $packed));
    }

    /** @return array<string, mixed> */
    private function entry(PackedStack $one): array
    {
        $stack = $one->stack;
        $isOwn = $stack->userId === $this->user->id;
        $text = static fn (string $card, ?string $value): ?string => $isOwn ? $value : CardTable::get()->publicText($card, $value);

        return [
            'id' => $stack->id,
            'page' => "{$this->site}/stack.php?id={$stack->id}",
            'file' => $one->leftOut === null ? $one->fileName : null,
            'left_out' => $one->leftOut,
            'bytes' => $stack->bytes,
            'sha256' => $one->leftOut === null ? $this->hash($one) : null,
            'copy' => $one->isOriginal ? 'the stack as archived' : 'public copy: same pixels and stars, without what would show place or person',
            'archived_sha256' => $one->isOriginal ? $stack->sha256 : null,
            'owner' => $isOwn ? 'you' : 'another member',
            'object' => $text('OBJECT', $stack->objectName),
            'telescope' => $text('TELESCOP', $stack->telescope),
            'filter' => $text('FILTER', $stack->filter),
            'begin' => $stack->dateObsStart,
            'end' => $stack->dateObsEnd,
            'exposure' => $stack->totalExposure,
            'subs_given' => $stack->framesInput,
            'subs_combined' => $stack->framesAligned,
            'ra' => $stack->ra,
            'dec' => $stack->dec,
            'solved' => $stack->isSolved,
            'chunk' => $stack->healpixKey,
            'engine' => $stack->engine,
            'archived' => Utc::wire($stack->createdAt),
        ];
    }

    private function hash(PackedStack $one): string
    {
        return $this->hashes[$one->stack->id] ?? self::UNKNOWN_HASH;
    }
}
