<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Http\Request;

/** Which part of a long list a page shows, and the addresses of its neighbours. */
final class Pager
{
    private function __construct(
        public readonly int $page,
        public readonly int $pages,
        public readonly int $perPage,
        private readonly string $script,
        private readonly array $query,
    ) {
    }

    /** @param array<string, string> $query the other parameters of the page's address */
    public static function of(Request $request, int $total, int $perPage, array $query = []): self
    {
        $pages = max(1, intdiv($total + $perPage - 1, $perPage));
        $wanted = (int) ($request->query('page') ?? '1');

        return new self(max(1, min($wanted, $pages)), $pages, $perPage, basename($request->script()), $query);
    }

    public function offset(): int
    {
        return ($this->page - 1) * $this->perPage;
    }

    public function address(int $page): string
    {
        return $this->script . '?' . http_build_query($this->query + ['page' => $page]);
    }
}
