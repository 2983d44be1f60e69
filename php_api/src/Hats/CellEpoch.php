<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

/** What is kept in memory of an epoch of a partition: there may be very many. */
final class CellEpoch
{
    public function __construct(
        /** its row in the table of epochs, from 0 */
        public readonly int $place,
        public readonly int $fieldId,
        /** number of its bands */
        public readonly int $bands,
        public readonly bool $isOfSeries,
    ) {
    }
}
