<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Database\RowBatch;
use PHPUnit\Framework\TestCase;

final class RowBatchTest extends TestCase
{
    public function testAllRowsArriveInOrderWithEveryDigit(): void
    {
        $database = TestDatabase::create(new StillClock());
        $database->statement('CREATE TABLE planets (number INTEGER PRIMARY KEY, name TEXT NULL, mass REAL NULL)');
        $count = 2 * 333 + 1;

        $database->transaction(static function () use ($database, $count): void {
            $batch = new RowBatch($database, 'planets', ['number', 'name', 'mass']);
            for ($number = 1; $number <= $count; $number++) {
                $batch->add([$number, $number === 7 ? null : "planet $number", $number / 3]);
            }
            $batch->flush();
            $batch->flush();
        });

        $rows = $database->all('SELECT * FROM planets ORDER BY number');
        self::assertCount($count, $rows);
        self::assertSame(['number' => 7, 'name' => null, 'mass' => 7 / 3], $rows[6]);
        self::assertSame(['number' => $count, 'name' => "planet $count", 'mass' => $count / 3], $rows[$count - 1]);
    }
}
