<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

/**
 * The addresses of several stacks for programs that download with resume. They hold no secret: a program sends its data key
 * in a header.
 */
final class DownloadList
{
    public const MOST_STACKS = 20_000;

    /** @param string $call address of api/download_frame.php */
    public function __construct(private readonly string $call)
    {
    }

    /** @param list<PackedStack> $stacks */
    public function forWget(array $stacks): string
    {
        return implode('', array_map(fn (PackedStack $one): string => "{$this->address($one)}\n", self::whole($stacks)));
    }

    /** @param list<PackedStack> $stacks */
    public function forAria2(array $stacks): string
    {
        return implode('', array_map(
            fn (PackedStack $one): string => "{$this->address($one)}\n  out={$one->fileName}\n"
                . ($one->isOriginal ? "  checksum=sha-256={$one->stack->sha256}\n" : ''),
            self::whole($stacks),
        ));
    }

    /** The name is the end of the path, because wget calls the file so, and finds it again when it resumes. */
    private function address(PackedStack $one): string
    {
        return "{$this->call}/{$one->stack->id}/{$one->fileName}";
    }

    /**
     * @param list<PackedStack> $stacks
     * @return list<PackedStack>
     */
    private static function whole(array $stacks): array
    {
        return array_values(array_filter($stacks, static fn (PackedStack $one): bool => $one->leftOut === null));
    }
}
