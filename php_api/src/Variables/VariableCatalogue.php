<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

/** The catalogue in use. */
final class VariableCatalogue
{
    public function __construct(
        public readonly int $id,
        public readonly string $fileName,
        public readonly int $stars,
        /** stored form */
        public readonly string $importedAt,
    ) {
    }
}
