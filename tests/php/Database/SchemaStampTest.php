<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Database\SchemaStamp;
use PHPUnit\Framework\TestCase;

final class SchemaStampTest extends TestCase
{
    private string $file;
    private StillClock $clock;

    protected function setUp(): void
    {
        $this->file = sys_get_temp_dir() . '/crowdsky-stamp-' . bin2hex(random_bytes(6));
        $this->clock = new StillClock();
    }

    protected function tearDown(): void
    {
        @unlink($this->file);
    }

    public function testItCountsForAMinute(): void
    {
        $stamp = $this->stamp();
        self::assertFalse($stamp->isFresh());
        $stamp->renew();
        self::assertTrue($stamp->isFresh());
        $this->clock->pass(59_000);
        self::assertTrue($stamp->isFresh());
        $this->clock->pass(1_000);
        self::assertFalse($stamp->isFresh());
    }

    public function testAnotherDatabaseOrOtherMigrationsAreAskedFor(): void
    {
        $this->stamp('mysql:dbname=a 1')->renew();
        self::assertFalse($this->stamp('mysql:dbname=b 1')->isFresh());
        self::assertFalse($this->stamp('mysql:dbname=a 2')->isFresh());
        self::assertTrue($this->stamp('mysql:dbname=a 1')->isFresh());
    }

    public function testAClockThatWasSetBackEndsIt(): void
    {
        $this->stamp()->renew();
        $this->clock->pass(-3_600_000);
        self::assertFalse($this->stamp()->isFresh());
    }

    /** @dataProvider spoiled */
    public function testASpoiledFileDoesNotCount(string $content): void
    {
        file_put_contents($this->file, $content);
        self::assertFalse($this->stamp()->isFresh());
    }

    /** @return list<array{string}> */
    public static function spoiled(): array
    {
        return [[''], ["\n"], ["9999999999\n"], [hash('sha256', 'mysql:dbname=a 1')]];
    }

    public function testAFolderThatCannotBeWrittenIsNoError(): void
    {
        $stamp = new SchemaStamp("{$this->file}/missing/stamp", 'x', $this->clock);
        $stamp->renew();
        self::assertFalse($stamp->isFresh());
    }

    private function stamp(string $subject = 'mysql:dbname=a 1'): SchemaStamp
    {
        return new SchemaStamp($this->file, $subject, $this->clock);
    }
}
