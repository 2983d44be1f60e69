<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Jobs;

use CrowdSky\Jobs\JobStatus;
use PHPUnit\Framework\TestCase;

final class JobStatusTest extends TestCase
{
    /** Every pair that is not listed must be refused. */
    private const ALLOWED = [
        'pending' => ['processing', 'completed', 'cancelled'],
        'processing' => ['pending', 'retry', 'completed', 'failed', 'cancelled'],
        'retry' => ['processing', 'pending', 'completed', 'cancelled'],
        'completed' => ['pending', 'cancelled'],
        'failed' => ['pending', 'completed', 'cancelled'],
        'cancelled' => ['pending', 'completed'],
    ];

    public function testOnlyTheDocumentedMovesAreAllowed(): void
    {
        foreach (JobStatus::cases() as $from) {
            foreach (JobStatus::cases() as $to) {
                self::assertSame(in_array($to->value, self::ALLOWED[$from->value], true), $from->canMoveTo($to), "{$from->value} to {$to->value}");
            }
        }
    }

    public function testFinishedMeansThatNoWorkerWillTouchIt(): void
    {
        $finished = array_filter(JobStatus::cases(), static fn (JobStatus $status): bool => $status->isFinished());

        self::assertSame(['completed', 'failed', 'cancelled'], array_values(array_column($finished, 'value')));
    }
}
